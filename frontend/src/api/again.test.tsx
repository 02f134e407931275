// An attempt that failed is known at once, and the next one follows by itself until the server answers or says no.
import { QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { againAfterMs, askAgain, openQueries } from './again'
import { Refusal, Unreachable } from './problem'

const failing = new Refusal(503, {})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A question on a page; `outcome` is what the server does about it now. */
function ask(client = openQueries(1), key = 'incidents', outcome: Error | string = failing) {
  const server = { outcome, attempts: 0 }
  const observer = new QueryObserver(client, {
    queryKey: [key],
    queryFn: () => {
      server.attempts += 1
      return typeof server.outcome === 'string'
        ? Promise.resolve(server.outcome)
        : Promise.reject(server.outcome)
    },
  })
  const leave = observer.subscribe(() => undefined)
  return { server, leave, look: () => observer.getCurrentResult() }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it.each([
  [1, 1000],
  [2, 2000],
  [4, 8000],
  [5, 10_000],
  [50, 10_000],
])('after %i failures in a row it waits %i ms', (failures, ms) => expect(againAfterMs(failures)).toBe(ms))

it.each([failing, new Unreachable(null)])(
  'is known to have failed at the first attempt: %s',
  async (error) => {
    const { server, look } = ask(openQueries(1), 'incidents', error)
    await pass(0)
    expect(server.attempts).toBe(1)
    expect(look().error).toBe(error)
  },
)

it('tries again by itself, less and less often, until the answer is there', async () => {
  const { server, look } = ask()
  await pass(0)
  await pass(1000)
  expect(server.attempts).toBe(2)
  await pass(1999)
  expect(server.attempts).toBe(2)
  server.outcome = 'there'
  await pass(1)
  expect(look().data).toBe('there')
  await pass(60_000)
  expect(server.attempts).toBe(3)
})

it('begins anew with the next outage', async () => {
  const client = openQueries(1)
  const { server } = ask(client)
  await pass(3000)
  server.outcome = 'there'
  await pass(4000)
  const before = server.attempts
  server.outcome = failing
  await client.invalidateQueries()
  await pass(1000)
  expect(server.attempts).toBe(before + 2)
})

it('does not ask again what was refused', async () => {
  const { server } = ask(openQueries(1), 'incidents', new Refusal(404, {}))
  await pass(60_000)
  expect(server.attempts).toBe(1)
})

it('asks for everything that waits as soon as one answer shows that the server is back', async () => {
  const client = openQueries(1)
  const early = ask(client)
  await pass(7000)
  const late = ask(client, 'timeline')
  const left = ask(client, 'approvals')
  await pass(7999)
  left.leave()
  early.server.outcome = late.server.outcome = 'there'
  expect([early, late, left].map(({ server }) => server.attempts)).toEqual([4, 4, 4])
  await pass(1)
  expect([early, late].map(({ look }) => look().data)).toEqual(['there', 'there'])
  expect(left.server.attempts).toBe(4)
})

it('asks for everything at once when somebody does not want to wait', async () => {
  const client = openQueries(1)
  const { server, look } = ask(client)
  await pass(7000)
  server.outcome = 'there'
  await askAgain(client)
  expect(look().data).toBe('there')
})

it('gives each page a pace of its own', async () => {
  const [early, late] = [ask(openQueries(0.8)), ask(openQueries(1.2))]
  await pass(1000)
  expect([early, late].map(({ server }) => server.attempts)).toEqual([2, 1])
})

it('holds up nobody who waits for what changed', async () => {
  const client = openQueries(1)
  ask(client)
  await pass(0)
  await expect(client.invalidateQueries()).resolves.toBeUndefined()
})

it('tells a page that opens later what is known to have failed, and asks soon', async () => {
  const client = openQueries(1)
  const { server, leave } = ask(client)
  await pass(0)
  leave()
  await pass(60_000)
  expect(server.attempts).toBe(1)
  const later = ask(client, 'incidents', 'there')
  expect(later.look().error).toBe(failing)
  await pass(100)
  expect(later.look().data).toBe('there')
})
