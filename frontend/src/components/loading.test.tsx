// Nobody looks at an outline that nothing is behind: the first attempt that fails is said, with what follows from it.
import { useInfiniteQuery } from '@tanstack/react-query'
import { fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useApi } from '../api/context'
import { incidentsQuery, type IncidentFilter } from '../api/queries'
import { fakeServer, show, type Answer } from '../testing/page'
import { incident } from '../testing/samples'
import { Loading } from './loading'
import { TroubleEdge, Troubles } from './shell/troubles'
import { answerOf } from './trouble'

const busy = { status: 503, body: { code: 'unavailable', detail: 'The database does not answer.' } }
const found = { body: { items: [incident()], next_cursor: null } }

function List({ filter, small = false }: { filter: IncidentFilter; small?: boolean }) {
  const list = useInfiniteQuery(incidentsQuery(useApi(), filter))
  return (
    <Troubles>
      <Loading query={list} what="incidents" small={small}>
        <p>outline</p>
      </Loading>
      {answerOf(list)?.pages.map(({ items }) => items.map(({ id, title }) => <p key={id}>{title}</p>))}
      <TroubleEdge />
    </Troubles>
  )
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The page, with a server that does as it is told. */
function open(first: () => Answer | Promise<Answer>, small = false) {
  const server = { does: first }
  const { api, calls } = fakeServer({ 'GET /api/incidents': () => server.does() })
  const { queries, again } = show(<List filter={{}} small={small} />, api)
  const filtered = (q: string) => again(<List filter={{ q }} small={small} />)
  return { server, calls, queries, filtered }
}

const unreachable = () => {
  throw new TypeError('Failed to fetch')
}
const silent = () => new Promise<Answer>(() => undefined)
const soon = () => vi.advanceTimersByTimeAsync(1500)
const alert = () => screen.findByRole('alert')

it.each([
  [502, 'Nightdesk answers with error 502. The database does not answer.'],
  [503, 'Nightdesk answers with error 503. The database does not answer.'],
  [500, 'Nightdesk answers with error 500. The database does not answer.'],
])('says at once what failed and that it is tried again, after a %i', async (status, says) => {
  const { calls } = open(() => ({ ...busy, status }))
  expect((await alert()).textContent).toBe(`The incidents could not be loaded${says}`)
  expect(screen.getByText('Trying again')).toBeTruthy()
  expect(calls).toHaveLength(1)
})

it('says so of a server that nobody reaches, too', async () => {
  open(unreachable)
  expect((await alert()).textContent).toContain(
    'Nightdesk does not answer, or this device does not reach it.',
  )
})

it('goes on by itself, and shows what there is as soon as the server is back', async () => {
  const { server } = open(unreachable)
  await alert()
  server.does = () => found
  await soon()
  expect(await screen.findByText('Checkout fails')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.queryByText('outline')).toBeNull()
})

it('goes on at once when somebody asks for it', async () => {
  const { server } = open(() => busy)
  await alert()
  await soon()
  server.does = () => found
  fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
  expect(await screen.findByText('Checkout fails')).toBeTruthy()
})

it('says the same while the next attempt is under way, and announces it only once', async () => {
  const { server, calls } = open(() => busy)
  const told = await alert()
  server.does = silent
  await soon()
  expect(calls).toHaveLength(2)
  expect(screen.getByRole('alert')).toBe(told)
  expect(told.isConnected).toBe(true)
})

it('does not ask again for what was refused, and says why', async () => {
  const { calls } = open(() => ({ status: 403, body: { code: 'forbidden', detail: 'Ask an admin.' } }))
  expect((await alert()).textContent).toBe('The incidents could not be loadedAsk an admin.')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(calls).toHaveLength(1)
  expect(screen.queryByText('Trying again')).toBeNull()
})

it('keeps what is there and marks it as old, until it is fresh again', async () => {
  const { server, queries } = open(() => found)
  await screen.findByText('Checkout fails')
  server.does = unreachable
  await queries.invalidateQueries()
  const edge = await screen.findByText(/What you see of the incidents is from \d\d:\d\d:\d\d\./)
  expect(edge.closest('[role=status]')?.textContent).toContain('Nightdesk does not answer.')
  expect(screen.getByText('Checkout fails')).toBeTruthy()
  expect(screen.queryByText('outline')).toBeNull()
  server.does = () => found
  await soon()
  await vi.waitFor(() => expect(screen.queryByText(/What you see/)).toBeNull())
})

it('does not pass what was found before for what is asked for now', async () => {
  const { server, filtered } = open(() => found)
  await screen.findByText('Checkout fails')
  server.does = () => busy
  filtered('disk')
  await alert()
  expect(screen.queryByText('Checkout fails')).toBeNull()
  server.does = silent
  await soon()
  expect(screen.queryByText('Checkout fails')).toBeNull()
  expect(screen.getByRole('alert')).toBeTruthy()
})

it('says in one line of a part what failed, and why at the edge of the page', async () => {
  open(() => busy, true)
  expect(await screen.findByText('The incidents could not be loaded. Trying again.')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
  const edge = screen.getByText('Nightdesk answers with error 503.')
  expect(edge.closest('[role=status]')).toBeTruthy()
})

it('says of a server that takes the question and is silent that it takes long', async () => {
  open(silent)
  await vi.advanceTimersByTimeAsync(4000)
  expect(screen.queryByText('Nightdesk takes long to answer')).toBeNull()
  await soon()
  expect(await screen.findByText('Nightdesk takes long to answer')).toBeTruthy()
})
