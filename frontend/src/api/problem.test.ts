// Refused and unreachable are told apart, whatever the server sends.
import { describe, expect, it } from 'vitest'
import {
  Refusal,
  Unreachable,
  answered,
  isRefusal,
  troubleInWords,
  troubleOf,
  worthRepeating,
} from './problem'

const response = (status: number) => new Response(null, { status })
const call = (status: number, error?: unknown, data?: unknown) =>
  answered(Promise.resolve({ response: response(status), error, data }))

describe('answered', () => {
  it('hands out the body', async () => {
    await expect(call(200, undefined, { id: 1 })).resolves.toEqual({ id: 1 })
  })

  it('turns a problem document into a refusal with its code and its sentence', async () => {
    const problem = {
      code: 'already_decided',
      title: 'Conflict',
      detail: 'Bob was first.',
      decision: { who: 'Bob' },
    }
    await expect(call(409, problem)).rejects.toMatchObject({
      status: 409,
      code: 'already_decided',
      message: 'Bob was first.',
      problem: { decision: { who: 'Bob' } },
    })
  })

  it.each([undefined, '', '<html>Bad gateway</html>', null])(
    'survives a body that is no problem: %s',
    async (body) => {
      await expect(call(502, body)).rejects.toMatchObject({ status: 502, code: 'unknown' })
    },
  )

  it('says that nobody answered when the network failed', async () => {
    await expect(answered(Promise.reject(new TypeError('fetch failed')))).rejects.toBeInstanceOf(Unreachable)
  })
})

describe('worthRepeating', () => {
  it.each([
    [503, true],
    [429, true],
    [404, false],
    [409, false],
  ])('after %i: %s', (status, worth) => expect(worthRepeating(new Refusal(status, {}))).toBe(worth))

  it('after silence, but not after a bug of ours', () => {
    expect(worthRepeating(new Unreachable(null))).toBe(true)
    expect(worthRepeating(new Error('a bug'))).toBe(false)
  })
})

describe('troubleOf', () => {
  it.each<[Error, string]>([
    [new Unreachable(null), 'Nightdesk does not answer'],
    [new Refusal(502, {}), 'Nightdesk answers with error 502'],
    [new Refusal(429, {}), 'Nightdesk is asked too often'],
  ])('%s: %s', (error, says) => expect(troubleOf(error)).toBe(says))

  it('adds what the server says itself, if it says anything', () => {
    const detail = 'The database does not answer; try again.'
    expect(troubleInWords(new Refusal(503, { detail }))).toBe(`Nightdesk answers with error 503. ${detail}`)
    expect(troubleInWords(new Refusal(502, {}))).toBe('Nightdesk answers with error 502.')
  })
})

describe('isRefusal', () => {
  it('asks for the code, too, when one is named', () => {
    const error = new Refusal(404, { code: 'no_post_mortem' })
    expect(isRefusal(error, 'no_post_mortem')).toBe(true)
    expect(isRefusal(error, 'not_found')).toBe(false)
  })
})
