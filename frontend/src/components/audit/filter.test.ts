// What the address says is what the server is asked.
import { expect, it } from 'vitest'
import { readAuditSearch, toAuditFilter } from './filter'

it('drops what is no filter', () => {
  expect(readAuditSearch({ actor: ' mara ', action: '', q: 7, days: 3, other: 'x' })).toEqual({
    actor: 'mara',
  })
  expect(readAuditSearch({ days: 7 })).toEqual({ days: 7 })
})

it('counts the days from this minute', () => {
  const now = Date.parse('2026-11-21T03:10:42Z')
  expect(toAuditFilter({ days: 1, q: 'shop' }, now)).toEqual({ q: 'shop', since: '2026-11-20T03:10:00.000Z' })
  expect(toAuditFilter({}, now)).toEqual({})
})
