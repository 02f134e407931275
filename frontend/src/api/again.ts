// What failed is asked again: soon at first, then less often, until the server answers or says no.
// The invariant: an attempt that failed is known at once; the next one is a new question, so that nobody waits for it.
import { QueryCache, QueryClient, type Query } from '@tanstack/react-query'
import { worthRepeating } from './problem'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- As the library has it: a query of any answer.
type Asked = Query<any, any, any, any>

const FIRST_MS = 1000
const LONGEST_MS = 10_000
/** When the time for it has passed. */
const SOON_MS = 100

/** How long to wait after so many failures in a row. */
export const againAfterMs = (failures: number): number => Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)

const waits = ({ state }: Asked) => state.status === 'error' && worthRepeating(state.error)

/** Asks now for everything on the page that waits for the server. */
export const askAgain = (client: QueryClient): Promise<void> =>
  client.refetchQueries({ type: 'active', predicate: waits }, { cancelRefetch: false })

/** `pace`: a page's own share of each wait, so that not all pages come back to a server at the same moment. */
export function openQueries(pace = 0.8 + Math.random() * 0.4): QueryClient {
  const failedBefore = new WeakMap<Asked, number>()
  const failuresInARow = (query: Asked) => query.state.errorUpdateCount - (failedBefore.get(query) ?? 0)
  const leftMs = (query: Asked, now: number) =>
    Math.max(SOON_MS, query.state.errorUpdatedAt + againAfterMs(failuresInARow(query)) * pace - now)
  const queryCache = new QueryCache({
    onSuccess: (_, query) => {
      const back = failuresInARow(query) > 0
      failedBefore.set(query, query.state.errorUpdateCount)
      // The server answers again: the others need not wait for their turn.
      if (back) void askAgain(client)
    },
  })
  const client = new QueryClient({
    queryCache,
    defaultOptions: {
      queries: {
        // The channel tells what changed; this only bounds how long a page that was never told can be wrong.
        staleTime: 60_000,
        retry: false,
        // A page that opens says at once what is known to have failed, in place of an outline.
        retryOnMount: (query) => !waits(query),
        refetchInterval: (query) => waits(query) && leftMs(query, Date.now()),
      },
    },
  })
  return client
}
