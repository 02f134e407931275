// Who on this page waits for a server that does not answer: each part says so of itself, the shell says it of all.
import { createContext, useContext, useEffect, useId, useState } from 'react'
import { worthRepeating } from '../api/problem'

/** What is read of a query. */
export interface Asked {
  data: unknown
  error: Error | null
  dataUpdatedAt: number
  errorUpdatedAt: number
  isPlaceholderData: boolean
  refetch: () => unknown
}

export interface Trouble {
  /** Null for what has no name of its own. */
  what: string | null
  error: Error
  /** When that was fetched which is still shown of it; null when there is nothing. */
  shownFrom: number | null
  triedAt: number
  /** Its own place on the page tells all of it already. */
  told: boolean
}

export type Report = (id: string, trouble: Trouble | null) => void

/** All that is reported on this page. */
export const TroublesContext = createContext<Trouble[]>([])

export const ReportContext = createContext<Report>(() => undefined)

/** The answer to what is asked now. A former one only stands in until it is known that there is none for the moment. */
export const answerOf = <Data>(
  query: Pick<Asked, 'errorUpdatedAt' | 'isPlaceholderData'> & { data: Data },
) => (query.isPlaceholderData && query.errorUpdatedAt > 0 ? undefined : query.data)

/** Why the last attempt failed: also while the next one is under way, which is when the query itself forgets it. */
function useFailure({ error, dataUpdatedAt, errorUpdatedAt }: Asked): Error | null {
  const [last, setLast] = useState({ error, at: errorUpdatedAt })
  if (error !== null && error !== last.error) setLast({ error, at: errorUpdatedAt })
  if (error !== null) return error
  const underWay = last.at === errorUpdatedAt && errorUpdatedAt > dataUpdatedAt
  return underWay && worthRepeating(last.error) ? last.error : null
}

/**
 * Why there is no fresh answer, which the shell is told of for as long as the question is asked again.
 * `inPlace`: what is not there at all is told where it would stand.
 */
export function useTrouble(query: Asked, what: string | null, inPlace = false): Error | null {
  const error = useFailure(query)
  const id = useId()
  const report = useContext(ReportContext)
  const { dataUpdatedAt, errorUpdatedAt: triedAt } = query
  const shownFrom = answerOf(query) === undefined ? null : dataUpdatedAt
  const told = inPlace && shownFrom === null
  useEffect(() => {
    if (error === null || !worthRepeating(error)) return
    report(id, { what, error, shownFrom, triedAt, told })
    return () => report(id, null)
  }, [report, id, what, error, shownFrom, triedAt, told])
  return error
}

/** For what has no place of its own on the page. */
export function Told({ query, what }: { query: Asked; what: string | null }): null {
  useTrouble(query, what)
  return null
}
