// The whole app while its server is away: every page says so from the first attempt on, and needs no reload afterwards.
import { RouterProvider } from '@tanstack/react-router'
import { render, screen, within } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { openQueries } from './api/again'
import type { Listener } from './api/live'
import type { Me } from './api/types'
import { openRouter } from './router'
import { fakeServer, type Answer, type Answers } from './testing/page'
import { incident } from './testing/samples'

const me: Me = {
  user: { id: 'user-1', email: 'mara@example.org', name: 'Mara' },
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
  permissions: ['incident.read', 'team.read'],
  teams: [],
  is_platform_admin: false,
  api_key: null,
  impersonation: null,
}

const PATH = '/api/incidents/incident-1'
const none: Answer = { body: { items: [], next_cursor: null } }
const there: Record<string, Answer> = {
  'GET /api/me': { body: me },
  'GET /api/config': { body: fakeServer({}).api.config },
  'GET /api/actions': none,
  'GET /api/storm': { body: { running: false, minutes: 10, incidents: 0, alerts: 0 } },
  'GET /api/incidents': { body: { items: [{ ...incident(), alike: 1 }], next_cursor: null } },
  [`GET ${PATH}`]: { body: incident() },
  ...Object.fromEntries(
    [
      'actions',
      'alerts',
      'events',
      'evidence',
      'hypotheses',
      'investigations',
      'joins',
      'runbooks',
      'similar',
    ].map((part) => [`GET ${PATH}/${part}`, none]),
  ),
}

function open(path: string, up: boolean) {
  const server = { up }
  const answers: Answers = Object.fromEntries(
    Object.entries(there).map(([call, answer]) => [
      call,
      () => (server.up ? answer : { status: 503, body: { code: 'unavailable', detail: 'No database.' } }),
    ]),
  )
  const { api } = fakeServer(answers)
  const channel: { listener?: Listener } = {}
  api.live.listen = (_, listener) => {
    channel.listener = listener
    return () => undefined
  }
  const queries = openQueries(1)
  history.replaceState(null, '', path)
  render(<RouterProvider router={openRouter({ api, queries })} />)
  return { server, queries, channel }
}

const edge = () => document.querySelector<HTMLElement>('[data-trouble]')

it.each([
  ['/incidents', 'incidents', 'Checkout fails'],
  ['/incidents/incident-1', 'incident', 'Checkout fails'],
  ['/approvals', 'approvals', 'Nothing waits for you'],
])('says on %s what could not be loaded, and shows it once the server is back', async (path, what, shown) => {
  const { server } = open(path, false)
  const said = await screen.findByRole('alert')
  expect(said.textContent).toBe(
    `The ${what} could not be loadedNightdesk answers with error 503. No database.`,
  )
  // Once: what the middle of the page says is not repeated at its edge.
  expect(edge()).toBeNull()
  server.up = true
  expect((await screen.findAllByText(shown)).length).toBeGreaterThan(0)
  expect(screen.queryByRole('alert')).toBeNull()
  expect(edge()).toBeNull()
})

it('leaves an incident on the page and marks it as old', async () => {
  const { server, queries } = open('/incidents/incident-1', true)
  await screen.findByRole('heading', { level: 1, name: /Checkout fails/ })
  await screen.findByText('Nothing else was counted to this trouble.')
  server.up = false
  await queries.invalidateQueries()
  await vi.waitFor(() => expect(edge()).not.toBeNull())
  const said = within(edge() ?? document.body)
  expect(said.getByRole('status').textContent).toMatch(
    /^Nightdesk answers with error 503\. What you see is from \d\d:\d\d:\d\d\.$/,
  )
  expect(screen.getByRole('heading', { level: 1, name: /Checkout fails/ })).toBeTruthy()
  expect(screen.getAllByText('Not up to date').length).toBeGreaterThan(0)
  server.up = true
  await vi.waitFor(() => expect(edge()).toBeNull())
})

it('names the parts of an incident that are missing, and takes none for empty', async () => {
  const { server, queries } = open('/incidents', true)
  await screen.findByText('Checkout fails')
  await queries.query({ queryKey: ['incident', 'incident-1', 'detail'], queryFn: () => incident() })
  server.up = false
  history.pushState(null, '', '/incidents/incident-1')
  dispatchEvent(new PopStateEvent('popstate'))
  expect(await screen.findByText('The evidence could not be loaded. Trying again.')).toBeTruthy()
  expect(screen.getByText('The timeline could not be loaded. Trying again.')).toBeTruthy()
  expect(screen.queryByText('No evidence has been gathered yet.')).toBeNull()
  expect(edge()?.textContent).toContain('parts of the page could not be loaded')
})

it('asks whether the server is there at all when its channel breaks', async () => {
  const { server, channel } = open('/incidents', true)
  await screen.findByText('Checkout fails')
  await vi.waitFor(() => expect(channel.listener).toBeTruthy())
  server.up = false
  channel.listener?.onState('reconnecting')
  await vi.waitFor(() =>
    expect(edge()?.textContent).toContain(
      'Nightdesk answers with error 503. What you see may be out of date.',
    ),
  )
})
