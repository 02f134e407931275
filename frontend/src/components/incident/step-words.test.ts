// What an investigation took is told as it was: sources are asked beside each other.
import { expect, it } from 'vitest'
import type { Step } from '../../api/types'
import { stepsInShort, took } from './step-words'

const step = (change: Partial<Step>): Step => ({
  seq: 1,
  at: '2026-11-21T03:00:00Z',
  kind: 'source',
  title: 'asking loki',
  detail: '',
  status: 'done',
  ms: 400,
  tokens_in: 0,
  tokens_out: 0,
  ...change,
})

it.each([
  [step({}), '400 ms'],
  [step({ ms: 2440 }), '2.4 s'],
  [step({ ms: null }), ''],
  [step({ kind: 'model', tokens_in: 900, tokens_out: 100, ms: 1500 }), '1000 tokens, 1.5 s'],
])('%o took %s', (shown, words) => expect(took(shown)).toBe(words))

it('counts time from the first step to the last end, and the tokens of all', () => {
  const steps = [
    step({ kind: 'node' }),
    step({ ms: 1000 }),
    step({ ms: 900 }),
    step({ kind: 'model', at: '2026-11-21T03:00:01Z', ms: 500, tokens_in: 10, tokens_out: 5 }),
  ]
  expect(stepsInShort(steps)).toBe('1.5 s, 15 tokens')
})
