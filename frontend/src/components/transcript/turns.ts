// What was said in one call of the model, as turns. The data is what the endpoint took and gave: what is missing is left out.
import type { Exchange } from '../../api/types'

export interface Turn {
  who: string
  text: string
  /** What the model asked for. */
  calls: { name: string; args: string }[]
}

const WHO: Record<string, string> = {
  system: 'Instructions',
  developer: 'Instructions',
  user: 'Nightdesk',
  tool: 'Answer of a source',
  assistant: 'Model',
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

/** JSON as it is read; anything else as it is. */
export function pretty(args: string): string {
  try {
    return JSON.stringify(JSON.parse(args), null, 2)
  } catch {
    return args
  }
}

/** Endpoints put a call's name and arguments into `function`; Nightdesk keeps them without. */
function callOf(value: unknown): Turn['calls'][number] {
  const call = record(value)
  const inner = 'function' in call ? record(call.function) : call
  return { name: text(inner.name), args: pretty(text(inner.arguments)) }
}

const turnOf = (who: string, said: Record<string, unknown>): Turn => ({
  who,
  text: text(said.content),
  calls: list(said.tool_calls).map(callOf),
})

export const toldOf = ({ messages }: Exchange): Turn[] =>
  messages.map((message) => turnOf(WHO[text(message.role)] ?? text(message.role), message))

/** Null: there was no answer. */
export const answerOf = ({ answer }: Exchange): Turn | null =>
  answer ? turnOf('Model', record(answer)) : null

const LINES = 14
const CHARS = 1_200

/** The beginning of a long text; null: it is short enough to stand whole. */
export function beginning(whole: string): string | null {
  const lines = whole.split('\n')
  if (lines.length <= LINES && whole.length <= CHARS) return null
  return lines.slice(0, LINES).join('\n').slice(0, CHARS)
}
