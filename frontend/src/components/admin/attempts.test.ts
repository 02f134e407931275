// The address is not believed: what is no filter is dropped.
import { expect, it } from 'vitest'
import { readAttemptSearch } from './attempts'

it('drops what is no filter', () => {
  expect(
    readAttemptSearch({ email: ' bob@example.org ', ip_address: '', outcome: 'hacked', other: 1 }),
  ).toEqual({
    email: 'bob@example.org',
  })
  expect(readAttemptSearch({ outcome: 'blocked', ip_address: '2001:db8::1' })).toEqual({
    outcome: 'blocked',
    ip_address: '2001:db8::1',
  })
})
