// What every component test starts with: an empty page afterwards, and the few browser parts that jsdom lacks.
import { cleanup } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// jsdom lays nothing out, so there is nothing to scroll.
Element.prototype.scrollIntoView = () => undefined

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})
