// A person says what belongs together: nothing is split away whole, nothing merged into nothing.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import type { Alert } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { incident } from '../../testing/samples'
import { MergeDialog } from './merge'
import { SplitDialog } from './split'

const nothing = () => undefined

const alert = (id: string, name: string): Alert => ({
  id,
  name,
  status: 'firing',
  severity: 'high',
  source: 'alertmanager',
  labels: {},
  annotations: {},
  starts_at: '2026-11-21T03:00:00Z',
  ends_at: null,
  generator_url: null,
  receipts: 1,
})

it('splits off what was chosen, never everything', async () => {
  const { api, calls } = fakeServer({
    'POST /api/incidents/incident-1/split': { status: 201, body: incident({ id: 'incident-9' }) },
  })
  const went: string[] = []
  const alerts = [alert('a', 'Down'), alert('b', 'Slow')]
  show(
    <SplitDialog incident={incident()} alerts={alerts} onDone={(id) => went.push(id)} onClose={nothing} />,
    api,
  )
  const button = screen.getByRole('button', { name: 'Split off' })
  await userEvent.click(screen.getByLabelText('Down'))
  await userEvent.click(screen.getByLabelText('Slow'))
  expect(button.getAttribute('title')).toContain('has to stay')
  await userEvent.click(screen.getByLabelText('Down'))
  await userEvent.type(screen.getByLabelText('Reason'), 'other disk')
  await userEvent.click(button)
  expect(calls.map(({ body }) => body)).toEqual([{ alert_ids: ['b'], reason: 'other disk' }])
  expect(went).toEqual(['incident-9'])
})

it('merges into an open incident other than itself', async () => {
  const other = incident({ id: 'incident-2', number: 143, title: 'Database is down' })
  const { api, calls } = fakeServer({
    'GET /api/incidents': { body: { items: [incident(), other], next_cursor: null } },
    'POST /api/incidents/incident-1/merge': { body: other },
  })
  show(<MergeDialog incident={incident()} onDone={nothing} onClose={nothing} />, api)
  expect(await screen.findAllByRole('radio')).toHaveLength(1)
  await userEvent.click(screen.getByRole('radio', { name: /Database is down/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Merge' }))
  expect(calls.at(1)?.body).toEqual({ into: 'incident-2', reason: '' })
})
