// The timeline stays readable in a storm and with verbs of a newer server.
import { describe, expect, it } from 'vitest'
import { event } from '../../testing/samples'
import { actorWording, eventMessage, eventWording, timeline } from './timeline-words'

it('does not say its heading twice', () => {
  const started = { verb: 'investigate', message: 'Investigation started.' }
  expect(eventMessage(started)).toBe('')
  const again = 'Investigation started, round 2.'
  expect(eventMessage({ ...started, message: again })).toBe(again)
})

it('tells of a conclusion what was found, not the log that proves it', () => {
  const log =
    'ERROR 1 --- [orders] SqlExceptionHelper : HikariPool-1 - Connection is not available, timed out'
  const message = `Root cause (likely): orders has used up its connections: ${log} after 30 s`
  expect(eventMessage({ verb: 'conclude', message })).toBe(
    'Root cause (likely): orders has used up its connections',
  )
  expect(eventMessage({ verb: 'correct', message })).toBe(message)
})

describe('timeline', () => {
  it('is newest first, whatever the order it came in', () => {
    const entries = timeline([event(1, 'detect'), event(3, 'conclude'), event(2, 'investigate')])
    expect(entries.map((entry) => entry.event.seq)).toEqual([3, 2, 1])
  })

  it('folds a storm of repetitions into one entry', () => {
    const storm = Array.from({ length: 10_000 }, (_, n) => event(n + 2, 'merge'))
    const entries = timeline([event(1, 'detect'), ...storm])
    expect(entries).toHaveLength(2)
    expect(entries[0]).toMatchObject({ repeats: 9999, event: { seq: 10_001 } })
  })

  it('folds alerts that joined, and does not count them as repetitions', () => {
    const entries = timeline([event(1, 'detect'), event(2, 'join'), event(3, 'join'), event(4, 'merge')])
    expect(entries.map(({ event: { verb }, repeats }) => [verb, repeats])).toEqual([
      ['merge', 0],
      ['join', 1],
      ['detect', 0],
    ])
  })

  it('does not fold over something else that happened between', () => {
    expect(timeline([event(1, 'merge'), event(2, 'propose'), event(3, 'merge')])).toHaveLength(3)
  })
})

describe('wording', () => {
  it('speaks a verb it has not heard of', () => {
    expect(eventWording({ verb: 'paged_twice' }).title).toBe('Paged twice')
  })

  it('names the actor, or what kind it was', () => {
    expect(actorWording({ actor: 'Mara Lind', actor_kind: 'person' })).toBe('Mara Lind')
    expect(actorWording({ actor: null, actor_kind: 'system' })).toBe('Nightdesk')
    expect(actorWording({ actor: 'agent', actor_kind: 'agent' })).toBe('Investigator')
  })
})
