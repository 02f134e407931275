// A modal dialog: a sheet from below on a phone, a panel on a desk.
// Radix's own overlay is left out: it injects a style element, which a strict content policy refuses.
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useState, type ReactNode } from 'react'
import { cx } from './cx'

interface Props {
  open: boolean
  onClose: () => void
  title: string
  says?: ReactNode
  wide?: boolean
  footer?: ReactNode
  children: ReactNode
}

const PANEL =
  'fixed z-50 flex flex-col border bg-surface shadow-2xl shadow-black/20 dark:shadow-black/60 focus:outline-none ' +
  'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-xl pb-[env(safe-area-inset-bottom)] ' +
  'sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[min(12vh,7rem)] sm:w-[calc(100vw-2rem)] sm:max-h-[calc(100dvh-min(12vh,7rem)-2rem)] sm:-translate-x-1/2 sm:rounded-lg sm:pb-0'

/** What a person came from. A menu is gone by the time they come back; its button is not. */
function cameFrom(): HTMLElement | null {
  const focused = document.activeElement
  const menu = focused?.closest('[role=menu]')
  const button = menu && document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
  return button ?? (focused instanceof HTMLElement ? focused : null)
}

/** Back to there; what was pressed may be gone by now, the page is not. */
function goBack(opener: HTMLElement | null) {
  if (opener?.isConnected) opener.focus()
  if (document.activeElement === document.body) document.querySelector('main')?.focus()
}

export const Dialog = ({ open, ...rest }: Props) => open && <Opened {...rest} />

function Opened({ onClose, title, says, wide, footer, children }: Omit<Props, 'open'>) {
  // Before anything in here takes the focus of its own accord.
  const [opener] = useState(cameFrom)
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div aria-hidden className="fixed inset-0 z-40 bg-black/35 dark:bg-black/60" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            // The panel itself, not its first button: what was typed ahead must not press anything.
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          onCloseAutoFocus={(event) => {
            // Radix gives the focus back to its own trigger, and there is none.
            event.preventDefault()
            goBack(opener)
          }}
          className={cx(PANEL, wide ? 'sm:max-w-2xl' : 'sm:max-w-lg')}
          {...(says ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex items-start gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold tracking-tight">{title}</Radix.Title>
              {says && <Radix.Description className="mt-0.5 text-sm text-soft">{says}</Radix.Description>}
            </div>
            <Radix.Close
              aria-label="Close"
              className="-mr-2 grid size-8 shrink-0 place-items-center rounded-md text-faint hover:bg-hover hover:text-ink pointer-coarse:size-11"
            >
              <X aria-hidden className="size-4" />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 pb-5">{children}</div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-5 py-3 pointer-coarse:*:flex-1">
              {footer}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
