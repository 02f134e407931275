// Parts of the page that have no place of their own until they are read: an empty place must not pass for nothing.
import { worthRepeating } from '../../api/problem'
import { LoadError } from '../page'
import { Told, type Asked } from '../trouble'

/** What was refused is named here, with why the first; what is asked again is told with the rest. `parts`: by what a person calls them. */
export function Unread({ parts }: { parts: Record<string, Asked> }) {
  const refused = Object.entries(parts).filter(([, { error }]) => error && !worthRepeating(error))
  const error = refused[0]?.[1].error
  const names = refused.map(([name]) => name).join(', ')
  return (
    <>
      {Object.entries(parts).map(([name, query]) => (
        <Told key={name} query={query} what={name} />
      ))}
      {error && (
        <LoadError
          what={names.charAt(0).toUpperCase() + names.slice(1)}
          error={error}
          stale={refused.every(([, { data }]) => data !== undefined)}
          retry={() => refused.forEach(([, { refetch }]) => void refetch())}
        />
      )}
    </>
  )
}
