// A hint makes exactly the right answers old, and no hint is lost.
import type { QueryKey } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { keys, keysFor, refetcher } from './keys'

const hint = (table: string, incident_id: string | null = 'i1') => ({
  table,
  op: 'UPDATE',
  id: 'x',
  incident_id,
})

describe('keysFor', () => {
  it('a new proposal changes the inbox, the lists and its incident', () => {
    expect(keysFor(hint('actions'))).toEqual([
      keys.inbox,
      keys.incidents,
      keys.detail('i1'),
      keys.actions('i1'),
    ])
  })

  it('a step of the investigator changes its incident only', () => {
    const old = keysFor(hint('investigations'))
    expect(old).toContainEqual(keys.detail('i1'))
    expect(old).toContainEqual(keys.evidence('i1'))
    expect(old).not.toContainEqual(keys.inbox)
  })

  it('a monitor changes the monitors, whose checks lie below the same key', () => {
    expect(keysFor(hint('monitors', null))).toEqual([keys.monitors])
    expect(keys.monitorChecks('m1').slice(0, 1)).toEqual(keys.monitors)
  })

  it('a table this page has not heard of may concern anything', () => {
    expect(keysFor(hint('escalations'))).toEqual([[]])
    expect(keysFor(hint('actions', null))).toEqual([[]])
  })
})

function client() {
  const rounds: QueryKey[] = []
  const open: (() => void)[] = []
  const invalidateQueries = ({ queryKey }: { queryKey?: QueryKey } = {}) => {
    rounds.push(queryKey ?? [])
    return new Promise<void>((done) => open.push(done))
  }
  const finish = async () => {
    for (const done of open.splice(0)) done()
    await new Promise((next) => setTimeout(next))
  }
  return { rounds, finish, invalidateQueries }
}

describe('refetcher', () => {
  it('folds a storm of hints into one more round', async () => {
    const fake = client()
    const refetch = refetcher(fake)
    for (let n = 0; n < 1000; n++) refetch([keys.incidents])
    expect(fake.rounds).toHaveLength(1)
    await fake.finish()
    expect(fake.rounds).toHaveLength(2)
    await fake.finish()
    expect(fake.rounds).toHaveLength(2)
  })

  it('looks again after a hint that came while it was looking', async () => {
    const fake = client()
    const refetch = refetcher(fake)
    refetch([keys.inbox])
    refetch([keys.monitors])
    await fake.finish()
    expect(fake.rounds).toEqual([keys.inbox, keys.monitors])
  })

  it('goes on after a round that failed', async () => {
    let rounds = 0
    const refetch = refetcher({ invalidateQueries: () => (rounds++, Promise.reject(new Error('gone'))) })
    refetch([keys.inbox])
    await new Promise((next) => setTimeout(next))
    refetch([keys.inbox])
    await new Promise((next) => setTimeout(next))
    expect(rounds).toBe(2)
  })
})
