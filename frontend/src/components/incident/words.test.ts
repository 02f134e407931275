// Every state the API knows has its words: the compiler asks for the entry, this asks for sense.
import { describe, expect, it } from 'vitest'
import schema from '../../../openapi.json'
import { ACTION_STATUS, RISK } from '../action/words'
import { CLOSED, CONFIDENCE, OPEN, SEVERITY, STATUS, categoryLabel, inWords, stepWording } from './words'

const listed = (schemaName: 'Incident' | 'Action', field: string): unknown => {
  const { properties } = schema.components.schemas[schemaName]
  return (properties as Record<string, { enum?: string[] }>)[field]?.enum
}

describe('records', () => {
  it('name exactly what the API publishes', () => {
    expect(Object.keys(STATUS)).toEqual(listed('Incident', 'status'))
    expect(Object.keys(SEVERITY)).toEqual(listed('Incident', 'severity'))
    expect(Object.keys(ACTION_STATUS).sort()).toEqual([...(listed('Action', 'status') as string[])].sort())
    expect(Object.keys(RISK)).toEqual(listed('Action', 'risk'))
  })

  it('an incident is open or closed, never both', () => {
    expect(CLOSED).toEqual(['resolved', 'failed'])
    expect([...OPEN, ...CLOSED].sort()).toEqual(Object.keys(STATUS).sort())
  })

  it('severity and confidence can be told apart without colour', () => {
    expect(new Set(Object.values(SEVERITY).map((word) => word.bars)).size).toBe(4)
    expect(new Set(Object.values(CONFIDENCE).map((word) => word.filled)).size).toBe(4)
  })
})

describe('categoryLabel', () => {
  it.each([
    ['oom', 'Out of memory'],
    ['dns_failure', 'DNS failure'],
    ['cpu_throttling', 'CPU throttling'],
    ['a_category_of_next_year', 'A category of next year'],
  ])('%s reads "%s"', (category, words) => expect(categoryLabel(category)).toBe(words))
})

describe('stepWording', () => {
  it('begins like a sentence, also before the first step', () => {
    expect(stepWording('asking loki')).toBe('Asking loki')
    expect(stepWording('')).toBe('Starting')
  })
})

it('sentences spell categories as people do, and leave other names alone', () => {
  expect(inWords('The hook restart_web is registered for connection_exhaustion: it restarts.')).toBe(
    'The hook restart_web is registered for connection exhaustion: it restarts.',
  )
})
