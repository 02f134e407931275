// Parts of the page that could not be read: an empty place must not pass for nothing.
import { LoadError } from '../page'

interface Part {
  error: Error | null
  data: unknown
  refetch: () => unknown
}

/** Which of them, and why the first. `parts`: by what a person calls them. */
export function Unread({ parts }: { parts: Record<string, Part> }) {
  const failed = Object.entries(parts).filter(([, { error }]) => error)
  const error = failed[0]?.[1].error
  if (!error) return null
  const names = failed.map(([name]) => name).join(', ')
  return (
    <LoadError
      what={names.charAt(0).toUpperCase() + names.slice(1)}
      error={error}
      stale={failed.every(([, { data }]) => data !== undefined)}
      retry={() => failed.forEach(([, { refetch }]) => void refetch())}
    />
  )
}
