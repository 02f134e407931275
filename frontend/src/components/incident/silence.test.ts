// What did not answer is told by who it was and why, with one count.
import { expect, it } from 'vitest'
import { evidence } from '../../testing/samples'
import { notAsked, silenceInShort, silenceInWords, silences } from './silence'

const REFUSED = { source: 'prometheus', error: 'cannot be reached' }
const ASKED = [
  evidence('E1', 1),
  evidence('E2', 1, REFUSED),
  evidence('E3', 1, { source: 'loki', error: 'timed out' }),
  evidence('E4', 1, REFUSED),
]

it('puts together what the same source refused for the same reason', () => {
  expect(silences(ASKED).map(({ source, items }) => [source, items.map(({ label }) => label)])).toEqual([
    ['prometheus', ['E2', 'E4']],
    ['loki', ['E3']],
  ])
})

it('names the sources, and counts questions', () => {
  expect(silenceInWords(ASKED)).toBe('prometheus, loki did not answer (3 of 4 questions).')
  expect(silenceInShort([evidence('E1', 1, REFUSED)])).toBe('1 of 1 question')
})

it('says nothing when all answered', () => {
  expect(silenceInWords([evidence('E1', 1)])).toBe('')
  expect(silenceInShort([])).toBe('')
})

it('names in one breath what nobody has set up', () => {
  const missing = ['Docker: not configured', 'PostgreSQL: no server configured', 'Loki: it is busy']
  expect(notAsked(missing)).toBe('Not configured: Docker, PostgreSQL. Could not be asked: Loki: it is busy.')
})
