// What is read first is a sentence; what a log said comes after it.
import { expect, it } from 'vitest'
import { gist } from './gist'

const LOG =
  'ERROR 1 --- [orders] [nio-8080-exec-181] SqlExceptionHelper : HikariPool-1 - Connection is not available'

it.each([
  ['checkout leaks database connections.', 'checkout leaks database connections.', ''],
  [`orders has used up its connections: ${LOG}.`, 'orders has used up its connections', `${LOG}.`],
  [
    `Not established for web: no known failure fits. What is seen: ${LOG}`,
    'Not established for web: no known failure fits',
    `What is seen: ${LOG}`,
  ],
  [`web-1: web-1 cannot be placed: ${LOG}`, 'web-1: web-1 cannot be placed', LOG],
  [
    `Web is healthy in everything (${LOG}); the alarm looks like noise.`,
    'Web is healthy in everything',
    `(${LOG}); the alarm looks like noise.`,
  ],
  [`A line of its own\n${LOG} and ${LOG}`, 'A line of its own', `${LOG} and ${LOG}`],
  [
    `Not established for ${'pod-'.repeat(30)}: no known failure fits the evidence.`,
    `Not established for ${'pod-'.repeat(30)}`,
    'No known failure fits the evidence.',
  ],
  ['a'.repeat(200), 'a'.repeat(200), ''],
])('%s', (text, head, rest) => expect(gist(text)).toEqual({ head, rest }))
