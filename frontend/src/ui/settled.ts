// A value once it has stopped changing: what is typed is asked for after a pause, not letter by letter.
import { useEffect, useState } from 'react'

export function useSettled<T>(value: T, pauseMs = 250): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs)
    return () => clearTimeout(timer)
  }, [value, pauseMs])
  return settled
}
