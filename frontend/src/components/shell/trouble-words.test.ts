// What is not up to date is said in one line, whatever and however much it is.
import { expect, it } from 'vitest'
import { Refusal, Unreachable } from '../../api/problem'
import type { Trouble } from '../trouble'
import { troubleWords } from './trouble-words'

const trouble = (what: string | null, shownFrom: number | null, change: Partial<Trouble> = {}): Trouble => ({
  what,
  shownFrom,
  error: new Refusal(503, {}),
  triedAt: 9,
  told: false,
  ...change,
})

const says = (...troubles: Trouble[]) => troubleWords(troubles, (at) => `03:0${at}`)?.says

it.each([
  ['one', [trouble('timeline', 2)], 'What you see of the timeline is from 03:02.'],
  [
    'the oldest counts',
    [trouble('incidents', 2), trouble('approvals', 1)],
    'What you see of the incidents and approvals is from 03:01.',
  ],
  ['many', ['a', 'b', 'c', 'd'].map((what, n) => trouble(what, n + 1)), 'What you see is from 03:01.'],
  [
    'old and missing',
    [trouble('incident', 2), trouble('steps', null), trouble('actions', null), trouble('alerts', null)],
    'What you see of the incident is from 03:02. The steps, actions and alerts could not be loaded.',
  ],
  [
    'much is missing',
    ['a', 'b', 'c', 'd'].map((what) => trouble(what, null)),
    '4 parts of the page could not be loaded.',
  ],
  ['named twice', [trouble('team', null), trouble('team', null)], 'The team could not be loaded.'],
  ['without a name', [trouble(null, 1)], 'What you see may be out of date.'],
])('%s', (_, troubles, words) => expect(says(...troubles)).toBe(words))

it('says nothing when there is nothing, or when the page says it in its middle', () => {
  expect(says()).toBeUndefined()
  expect(says(trouble('incidents', null, { told: true }), trouble('approvals', 1))).toBeUndefined()
})

it('begins with the gravest, and with the last attempt', () => {
  const gone = trouble('storm', 1, { error: new Unreachable(null), triedAt: 12 })
  expect(troubleWords([trouble('incidents', 1), gone], String)).toMatchObject({
    title: 'Nightdesk does not answer',
    last: 12,
  })
})
