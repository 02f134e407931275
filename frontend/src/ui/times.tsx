// Hands down how times read; where nobody is signed in, as the browser has it.
import { createContext, useContext, useMemo, type ReactNode } from 'react'
import { timesIn, type Times } from './time'
import { browserZone } from './zone'

const TimesContext = createContext<Times>(timesIn(browserZone(), 'en'))

export const useTimes = (): Times => useContext(TimesContext)

interface Props {
  /** Undefined until it is known, and when nobody has chosen one. */
  zone: string | undefined
  locale: string | undefined
  children: ReactNode
}

export function TimesProvider({ zone, locale, children }: Props) {
  const times = useMemo(() => timesIn(zone ?? browserZone(), locale ?? 'en'), [zone, locale])
  return <TimesContext value={times}>{children}</TimesContext>
}
