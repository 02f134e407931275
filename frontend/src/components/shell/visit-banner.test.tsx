// Whoever acts as somebody else sees it, with what is left of it, and leaves nothing behind at its end.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { Me } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { VisitBanner } from './visit-banner'

const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

const me: Me = {
  user: { id: 'user-2', email: 'bob@example.org', name: 'Bob' },
  team: {
    id: 'team-1',
    name: 'Payments',
    slug: 'payments',
    plan: 'unlimited',
    trial_ends_at: null,
    suspended_at: null,
    suspended_reason: null,
  },
  role: 'responder',
  permissions: [],
  teams: [],
  is_platform_admin: false,
  api_key: null,
  impersonation: null,
}
const visit = (seconds: number) => ({
  id: 'visit-1',
  admin_name: 'Paula',
  reason: 'Ticket 12',
  expires_at: later(seconds),
})

afterEach(() => vi.unstubAllGlobals())

function open(shown: Me) {
  const forgotten: string[] = []
  const left: string[] = []
  vi.stubGlobal('location', { assign: (to: string) => left.push(to), origin: 'http://nightdesk.test' })
  const { api, calls } = fakeServer({ 'DELETE /api/admin/impersonations/visit-1': { body: null } })
  api.visit = { current: () => 'visit-1', begin: () => undefined, forget: () => forgotten.push('visit-1') }
  show(<VisitBanner me={shown} />, api)
  return { calls, forgotten, left }
}

it('is not there for whoever acts as themselves', () => {
  open(me)
  expect(screen.queryByRole('complementary')).toBeNull()
})

it('says as whom, why and how long still, and ends on the press of a button', async () => {
  const { calls, forgotten, left } = open({ ...me, impersonation: visit(29 * 60 + 30) })
  expect(screen.getByText(/Acting as Bob in Payments/)).toBeTruthy()
  expect(screen.getByText(/Ticket 12/)).toBeTruthy()
  expect(screen.getByRole('timer').textContent).toMatch(/^2[89]:\d\d left$/)
  await userEvent.click(screen.getByRole('button', { name: 'End' }))
  await vi.waitFor(() => expect(left).toEqual(['/admin/teams/team-1']))
  expect(calls.map(({ method }) => method)).toEqual(['DELETE'])
  expect(forgotten).toEqual(['visit-1'])
})

it('leaves by itself when the time is over', () => {
  const { forgotten, left } = open({ ...me, impersonation: visit(-1) })
  expect(left).toEqual(['/'])
  expect(forgotten).toEqual(['visit-1'])
})
