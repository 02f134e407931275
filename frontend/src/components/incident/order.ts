// In which order a page of the list is read.
import type { Incident } from '../../api/types'

/** Open, and nothing is broken: it can wait for whoever wants to close it. */
export const isCalm = ({ verdict }: Pick<Incident, 'verdict'>): boolean => verdict === 'not_an_incident'

/** The server's order, but what is broken before what is not. Each page by itself, so that nothing moves when another is shown. */
export const brokenFirst = <T extends Pick<Incident, 'verdict'>>(page: T[]): T[] => [
  ...page.filter((incident) => !isCalm(incident)),
  ...page.filter(isCalm),
]
