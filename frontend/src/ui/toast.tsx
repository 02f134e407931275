// Short news at the edge of the screen, announced to screen readers. One at a time: the newest counts.
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react'
import { cx } from './cx'
import { Dot } from './tag'
import type { Tone } from './tone'

interface Toast {
  tone: Tone
  text: string
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined)

export const useToast = () => useContext(ToastContext)

export function Toasts({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null)
  const show = useCallback((next: Toast) => setToast({ ...next }), [])
  useEffect(() => {
    if (!toast) return
    const timer = setTimeout(() => setToast(null), toast.tone === 'red' ? 12_000 : 5000)
    return () => clearTimeout(timer)
  }, [toast])
  return (
    <ToastContext value={show}>
      {children}
      <div
        aria-live="polite"
        className={cx(
          'pointer-events-none fixed inset-x-0 top-14 z-60 flex justify-center px-4 md:top-auto md:bottom-6',
          !toast && 'invisible',
        )}
      >
        {toast && (
          <p className="pointer-events-auto flex items-center gap-2 rounded-lg border bg-surface px-4 py-2.5 text-sm shadow-xl shadow-black/15 dark:shadow-black/50">
            <Dot tone={toast.tone}>
              <span className="sr-only">News:</span>
            </Dot>
            {toast.text}
          </p>
        )}
      </div>
    </ToastContext>
  )
}
