// A note stands on its own, and a quoted line has one time.
import { expect, it } from 'vitest'
import { noteWording, withOneTime } from './note-words'

it.each([
  ['34 times', 'This was said 34 times'],
  ['kept', 'What is kept'],
  ['who has most of them', 'Who has most of them'],
])('%s', (note, words) => expect(noteWording(note)).toBe(words))

it.each([
  [
    '2026-11-21T13:54:21.431000Z 2026-11-21T13:54:21.425Z  ERROR 1 --- [orders]',
    '2026-11-21T13:54:21.431000Z ERROR 1 --- [orders]',
  ],
  [
    '2026-11-21T13:55:27.526000Z [postgresql] 2026-11-21 13:55:27.357 UTC [25325] booking@travel FATAL',
    '2026-11-21T13:55:27.526000Z [postgresql] [25325] booking@travel FATAL',
  ],
  [
    '2026-11-21T14:09:54.767000Z 2026-11-21 14:09:54 - oteldemo.AdService',
    '2026-11-21T14:09:54.767000Z oteldemo.AdService',
  ],
  ['2026-11-21T13:55:31.201000Z Traceback', '2026-11-21T13:55:31.201000Z Traceback'],
  [
    'up{job="gateway"}: 1, changed at 2026-11-21 13:59:21',
    'up{job="gateway"}: 1, changed at 2026-11-21 13:59:21',
  ],
])('%s', (quote, shown) => expect(withOneTime(quote)).toBe(shown))
