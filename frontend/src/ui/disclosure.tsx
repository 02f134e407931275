// Something that opens in place. The browser's own element: it works before any script and with find-in-page.
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface Props {
  summary: ReactNode
  open?: boolean
  onToggle?: (open: boolean) => void
  id?: string
  className?: string
  children: ReactNode
}

export function Disclosure({ summary, open, onToggle, id, className, children }: Props) {
  return (
    <details
      id={id}
      open={open}
      onToggle={(event) => onToggle?.(event.currentTarget.open)}
      className={className}
    >
      <summary className="-mx-2 flex list-none items-start gap-2 rounded-md px-2 py-1.5 hover:bg-hover pointer-coarse:py-2.5 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-faint transition-transform [details[open]>summary>&]:rotate-90"
        />
        <span className="min-w-0 flex-1">{summary}</span>
      </summary>
      <div className="pt-1 pb-3 pl-6">{children}</div>
    </details>
  )
}
