// A person recognises their own phone in the list.
import { expect, it } from 'vitest'
import { deviceWords } from './device'

const KHTML = 'AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${KHTML} Chrome/140.0 Safari/537.36`, 'Chrome on Linux'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/140.0 Safari/537.36 Edg/140.0`,
    'Edge on Windows',
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${KHTML} Version/18.0 Mobile Safari/604.1`,
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
  ['python-httpx/0.28', 'Python'],
  ['Something/1', 'Something/1'],
  [null, 'An unknown program'],
  ['', 'An unknown program'],
])('%s is %s', (agent, words) => expect(deviceWords(agent)).toBe(words))
