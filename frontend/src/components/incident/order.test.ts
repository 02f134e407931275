// A healthy service does not stand above one that is down.
import { expect, it } from 'vitest'
import { brokenFirst } from './order'

it('keeps the order of the server among those that are broken and among those that are not', () => {
  const page = [
    { n: 1, verdict: 'not_an_incident' as const },
    { n: 2, verdict: 'incident' as const },
    { n: 3, verdict: null },
    { n: 4, verdict: 'not_an_incident' as const },
    { n: 5, verdict: 'inconclusive' as const },
  ]
  expect(brokenFirst(page).map(({ n }) => n)).toEqual([2, 3, 5, 1, 4])
})
