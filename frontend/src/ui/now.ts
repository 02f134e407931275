// The one place that reads the clock for rendering: components ask for `now` at the pace they need.
import { useSyncExternalStore } from 'react'

interface Ticker {
  subscribe: (tell: () => void) => () => void
  read: () => number
}

function ticker(everyMs: number): Ticker {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  let now = Date.now()
  const tick = () => {
    now = Date.now()
    for (const tell of listeners) tell()
  }
  return {
    read: () => now,
    subscribe(tell) {
      if (listeners.size === 0) {
        now = Date.now()
        timer = setInterval(tick, everyMs)
      }
      listeners.add(tell)
      return () => {
        listeners.delete(tell)
        if (listeners.size === 0) clearInterval(timer)
      }
    },
  }
}

const EVERY_SECOND = ticker(1000)
const EVERY_TEN_SECONDS = ticker(10_000)

export const useSecond = (): number => useSyncExternalStore(EVERY_SECOND.subscribe, EVERY_SECOND.read)
export const useNow = (): number => useSyncExternalStore(EVERY_TEN_SECONDS.subscribe, EVERY_TEN_SECONDS.read)
