// Whoever has a second factor is inside only after showing it.
import type { Session } from '@supabase/supabase-js'
import { expect, it } from 'vitest'
import { identityOf } from './auth'

const token = (claims: object) => `h.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.s`

const session = (aal: string, status?: string) =>
  ({
    access_token: token({ aal }),
    user: { id: 'u', email: 'a@example.com', ...(status ? { factors: [{ status }] } : {}) },
  }) as unknown as Session

it.each([
  ['no factor', session('aal1'), false],
  ['a factor that was never confirmed', session('aal1', 'unverified'), false],
  ['a factor that was not shown', session('aal1', 'verified'), true],
  ['a factor that was shown', session('aal2', 'verified'), false],
])('%s', (_, given, owesFactor) => {
  expect(identityOf(given)).toEqual({ id: 'u', email: 'a@example.com', owesFactor })
})

it('owes the factor when the token cannot be read', () => {
  expect(identityOf({ ...session('aal2', 'verified'), access_token: 'garbage' })?.owesFactor).toBe(true)
})
