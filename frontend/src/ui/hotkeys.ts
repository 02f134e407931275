// Single-key shortcuts that never get in the way of typing or of an open dialog.
import { useEffect, useRef } from 'react'

export type Hotkeys = Record<string, (() => void) | undefined>

const TYPING = 'input, textarea, select, [contenteditable="true"]'

function meant(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
  if (event.target instanceof Element && event.target.closest(TYPING)) return false
  return document.querySelector('[role="dialog"], [role="menu"]') === null
}

export function useHotkeys(keys: Hotkeys): void {
  const current = useRef(keys)
  useEffect(() => {
    current.current = keys
  })
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const act = current.current[event.key]
      if (!act || !meant(event)) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}

/** Moves the focus along the elements marked `data-row`, as j and k do. */
export function stepRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.findIndex((row) => row === document.activeElement)
  const next =
    at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)
  rows[next]?.focus()
  rows[next]?.scrollIntoView({ block: 'nearest' })
}

/** Brings the element marked `data-hotkey` into view and focuses it; it is never pressed for the person. */
export function focusMarked(name: string): void {
  const marked = [...document.querySelectorAll<HTMLElement>(`[data-hotkey="${name}"]`)]
  const visible = marked.find(
    (element) => element.offsetParent !== null || element.getClientRects().length > 0,
  )
  visible?.scrollIntoView({ block: 'center' })
  visible?.focus()
}
