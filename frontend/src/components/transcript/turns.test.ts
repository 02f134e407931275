// A transcript is read whatever endpoint it came from, and no text is so long that the next is not found.
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../api/types'
import { answerOf, beginning, pretty, toldOf } from './turns'

const exchange = (change: Partial<Exchange>): Exchange => ({
  number: 1,
  at: '2026-11-21T03:00:00Z',
  model: 'm',
  prompt: 'investigate v2',
  messages: [],
  answer: null,
  error: '',
  tokens_in: 0,
  tokens_out: 0,
  cost_usd: 0,
  estimated: false,
  ...change,
})

it('says who spoke, and shows what it has not heard of as it is', () => {
  const messages = [{ role: 'system', content: 'Be careful.' }, { role: 'critic', content: null }, {}]
  expect(toldOf(exchange({ messages })).map(({ who, text }) => [who, text])).toEqual([
    ['Instructions', 'Be careful.'],
    ['critic', ''],
    ['', ''],
  ])
})

it('reads calls as we keep them and as endpoints write them', () => {
  const call = { name: 'logs', arguments: '{"contains":"x"}' }
  const calls = [call, { id: 'c1', type: 'function', function: call }]
  const answer = answerOf(exchange({ answer: { content: '', tool_calls: calls } }))
  expect(answer?.calls).toEqual([1, 2].map(() => ({ name: 'logs', args: '{\n  "contains": "x"\n}' })))
})

it('has no answer where there was none', () => expect(answerOf(exchange({}))).toBeNull())

it('leaves arguments that are no JSON alone', () => expect(pretty('{"a":')).toBe('{"a":'))

describe('the beginning of a text', () => {
  it('is not needed for a short one', () => expect(beginning('one\ntwo')).toBeNull())
  it('is a few lines of many', () => expect(beginning('x\n'.repeat(100))?.split('\n')).toHaveLength(14))
  it('is a part of one long line', () => expect(beginning('x'.repeat(9_000))).toHaveLength(1_200))
})
