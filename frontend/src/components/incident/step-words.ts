// How the steps of an investigation read.
import type { Step } from '../../api/types'

export const STEP_KIND: Record<Step['kind'], string> = {
  node: '',
  source: 'asked a source',
  model: 'asked the model',
  tool: 'the model asked',
}

/** "340 ms", "2.4 s", with the tokens of a model call. */
export function took({ ms, tokens_in, tokens_out }: Pick<Step, 'ms' | 'tokens_in' | 'tokens_out'>): string {
  const time = ms === null ? '' : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
  const tokens = tokens_in + tokens_out > 0 ? `${tokens_in + tokens_out} tokens` : ''
  return [tokens, time].filter(Boolean).join(', ')
}

/** All of it in a few words: "1.2 s, 15 tokens". Steps run beside each other, so that only the span counts. */
export function stepsInShort(steps: Step[]): string {
  const from = Math.min(...steps.map(({ at }) => Date.parse(at)))
  const to = Math.max(...steps.map(({ at, ms }) => Date.parse(at) + (ms ?? 0)))
  const tokens = steps.reduce((sum, { tokens_in, tokens_out }) => sum + tokens_in + tokens_out, 0)
  const parts = [took({ ms: to - from, tokens_in: 0, tokens_out: 0 })]
  return [...parts, ...(tokens > 0 ? [`${tokens} tokens`] : [])].join(', ')
}
