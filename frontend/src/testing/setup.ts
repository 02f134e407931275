// What every component test starts with: an empty page afterwards, and the few browser parts that jsdom lacks.
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// A page that is slow on a busy machine is not wrong.
configure({ asyncUtilTimeout: 30_000 })

// jsdom lays nothing out, so there is nothing to scroll, to measure or to match.
Element.prototype.scrollIntoView = () => undefined
Object.assign(globalThis, {
  scrollTo: () => undefined,
  matchMedia: () => Object.assign(new EventTarget(), { matches: false }),
  ResizeObserver: class {
    observe = () => undefined
    disconnect = () => undefined
  },
})

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})
