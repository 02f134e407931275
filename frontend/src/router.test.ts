// Signing in leads back to a page of ours, and nowhere else.
import { describe, expect, it } from 'vitest'
import { ownPath } from './router'

describe('ownPath', () => {
  it.each([
    ['/incidents/1?a=b#c', '/incidents/1?a=b#c'],
    ['//evil.example', undefined],
    ['/\\evil.example', undefined],
    ['https://evil.example', undefined],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
    [7, undefined],
  ])('%s → %s', (next, path) => expect(ownPath(next)).toBe(path))
})
