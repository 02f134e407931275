// What could not be loaded is named, and asked for again: nobody takes its place for an empty one.
import { useQuery } from '@tanstack/react-query'
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { useApi } from '../../api/context'
import { actionsQuery, alertsQuery, investigationsQuery } from '../../api/queries'
import { fakeServer, show, type Answers } from '../../testing/page'
import { Unread } from './unread'

const PATH = '/api/incidents/incident-1'
const refused = { status: 403, body: { code: 'forbidden', detail: 'Your role does not allow this.' } }
const conflict = { status: 409, body: { code: 'conflict', detail: 'This changed.' } }
const nothing = { body: { items: [] } }

function Parts() {
  const api = useApi()
  const actions = useQuery(actionsQuery(api, 'incident-1'))
  const alerts = useQuery(alertsQuery(api, 'incident-1'))
  const rounds = useQuery(investigationsQuery(api, 'incident-1'))
  return <Unread parts={{ actions, alerts, rounds }} />
}

function open(answers: Answers) {
  const server = fakeServer({
    [`GET ${PATH}/actions`]: nothing,
    [`GET ${PATH}/alerts`]: nothing,
    [`GET ${PATH}/investigations`]: nothing,
    ...answers,
  })
  show(<Parts />, server.api)
  return server
}

it('names what is missing, and says why', async () => {
  open({ [`GET ${PATH}/actions`]: refused, [`GET ${PATH}/alerts`]: refused })
  expect(await screen.findByText('Actions, alerts could not be loaded')).toBeTruthy()
  expect(screen.getByText('Your role does not allow this.')).toBeTruthy()
})

it('asks again for that alone', async () => {
  let first = true
  const { calls } = open({
    [`GET ${PATH}/alerts`]: () => {
      const answer = first ? conflict : nothing
      first = false
      return answer
    },
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Try again' }))
  await screen.findByText((_, element) => element?.tagName === 'BODY' && element.textContent === '')
  expect(calls.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
    'actions',
    'alerts',
    'alerts',
    'investigations',
  ])
})
