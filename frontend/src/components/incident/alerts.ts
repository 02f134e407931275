// Alerts as a person counts them: one that fired three times is one, and a hundred of one name about one target are a group.
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

export interface AlertGroup {
  key: string
  name: string
  target: string
  /** Distinct ones, in the order given. */
  alerts: Alert[]
  firing: number
}

/** By name and target. The biggest first, then in the order given. */
export function groupsOf(alerts: Alert[]): AlertGroup[] {
  const groups = new Map<string, Alert[]>()
  for (const alert of distinct(alerts)) {
    const key = JSON.stringify([alert.name, alert.target])
    groups.set(key, [...(groups.get(key) ?? []), alert])
  }
  return [...groups]
    .flatMap(([key, members]) => {
      const [first] = members
      if (!first) return []
      const firing = members.filter(({ status }) => status === 'firing').length
      return [{ key, name: first.name, target: first.target, alerts: members, firing }]
    })
    .sort((a, b) => b.alerts.length - a.alerts.length)
}

const written = (labels: [string, string][]): string =>
  labels.map(([name, value]) => `${name}=${value}`).join(', ')

export const labelsOf = ({ labels }: Alert): string =>
  written(Object.entries(labels).filter(([name]) => name !== 'alertname'))

/** The labels that tell it from the others of its group. */
export const tellingLabels = (alert: Alert, group: Alert[]): string =>
  written(
    Object.entries(alert.labels).filter(([name, value]) =>
      group.some(({ labels }) => labels[name] !== value),
    ),
  )

/** Every word is in the name, the target or a label. */
export function matches(alert: Alert, words: string): boolean {
  const text = `${alert.name} ${alert.target} ${labelsOf(alert)}`.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
