// Status sets are refused before they are sent.
import { describe, expect, it } from 'vitest'
import { readStatusSet } from './status-set'

describe('readStatusSet', () => {
  it.each([
    ['200-299', ['200-299']],
    [' 200 , 301-302 ', ['200', '301-302']],
    ['', null],
    ['ok', null],
    ['299-200', null],
    ['99', null],
    ['600', null],
  ])('%j is %j', (text, parts) => expect(readStatusSet(text)).toEqual(parts))
})
