// Alerts as a person counts them: one that fired three times is one.
import type { Alert } from '../../api/types'

const identity = ({ name, labels }: Alert): string =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => a.localeCompare(b))])

/** The first of each, in the order given. */
export function distinct(alerts: Alert[]): Alert[] {
  const first = new Map<string, Alert>()
  for (const alert of alerts) {
    const key = identity(alert)
    if (!first.has(key)) first.set(key, alert)
  }
  return [...first.values()]
}
