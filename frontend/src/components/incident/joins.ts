// What joined an incident, as it is read: a hundred that came for one reason are one line.
import type { Join } from '../../api/types'

export interface JoinGroup {
  kind: Join['kind']
  reason: string
  count: number
  first_at: string
}

/** By kind and reason, in the order in which the first of each came. */
export function joinGroups(joins: Join[]): JoinGroup[] {
  const groups = new Map<string, JoinGroup>()
  for (const { kind, reason, joined_at } of joins) {
    const key = JSON.stringify([kind, reason])
    const known = groups.get(key)
    if (known) known.count += 1
    else groups.set(key, { kind, reason, count: 1, first_at: joined_at })
  }
  return [...groups.values()]
}
