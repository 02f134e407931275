// What every component test starts with: an empty page afterwards, and the few browser parts that jsdom lacks.
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// A page that is slow on a busy machine is not wrong.
configure({ asyncUtilTimeout: 30_000 })

// jsdom lays nothing out, so there is nothing to scroll.
Element.prototype.scrollIntoView = () => undefined

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})
