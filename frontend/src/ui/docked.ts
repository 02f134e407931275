// How high the bar is that a page docks at the window's lower edge, for whatever else wants to stand there.

const HEIGHT = '--docked'

/** A ref for the bar. */
export function docked(bar: HTMLElement | null): (() => void) | undefined {
  if (!bar) return
  const page = document.documentElement
  const watch = new ResizeObserver(() => page.style.setProperty(HEIGHT, `${bar.offsetHeight}px`))
  watch.observe(bar)
  return () => {
    watch.disconnect()
    page.style.removeProperty(HEIGHT)
  }
}
