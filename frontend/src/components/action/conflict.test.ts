// Whoever loses a race is told who won it, and nobody is told to try what cannot work.
import { describe, expect, it } from 'vitest'
import { Refusal, Unreachable } from '../../api/problem'
import { refusedDecision } from './conflict'

const at = (time: string) => time.slice(11, 19)
const refused = (status: number, code: string, extra: object = {}) =>
  refusedDecision(new Refusal(status, { code, detail: 'The sentence of the server.', ...extra }), at)

describe('refusedDecision', () => {
  it('names who decided first, what and when', () => {
    const decision = { decision: 'reject', who: 'Bob', at: '2026-11-21T03:12:44Z' }
    expect(refused(409, 'already_decided', { decision })).toMatchObject({
      title: 'Bob rejected it first',
      says: expect.stringContaining('03:12:44') as string,
      final: true,
    })
  })

  it('manages without the details of the first decision', () => {
    expect(refused(409, 'already_decided')).toMatchObject({
      says: 'The sentence of the server.',
      final: true,
    })
    expect(refused(409, 'already_decided', { decision: 'x' }).final).toBe(true)
  })

  it.each(['digest_mismatch', 'action_expired', 'forbidden'])(
    '%s cannot be helped by trying again',
    (code) => {
      expect(refused(409, code).final).toBe(true)
    },
  )

  it('the words of the server stand for a code this page has not heard of', () => {
    expect(refused(409, 'second_person_needed')).toMatchObject({
      says: 'The sentence of the server.',
      final: true,
    })
  })

  it('an unanswered decision may have arrived, and may be repeated', () => {
    const verdict = refusedDecision(new Unreachable(null), at)
    expect(verdict.final).toBe(false)
    expect(verdict.says).toMatch(/not certain/)
    expect(refused(503, 'unavailable').final).toBe(false)
  })
})
