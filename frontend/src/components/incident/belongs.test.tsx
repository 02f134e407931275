// A person says what belongs together: nothing is split away whole, nothing merged into nothing.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { fakeServer, show } from '../../testing/page'
import { alert, incident } from '../../testing/samples'
import { MergeDialog } from './merge'
import { SplitDialog } from './split'

const nothing = () => undefined

it('splits off what was chosen, never everything', async () => {
  const { api, calls } = fakeServer({
    'POST /api/incidents/incident-1/split': { status: 201, body: incident({ id: 'incident-9' }) },
  })
  const went: string[] = []
  const alerts = [alert('a', { name: 'Down' }), alert('b', { name: 'Slow' })]
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

it('splits everything off what a monitor opened', async () => {
  const { api } = fakeServer({})
  const watched = incident({ monitor_id: 'monitor-1' })
  show(
    <SplitDialog
      incident={watched}
      alerts={[alert('a', { name: 'Down' })]}
      onDone={nothing}
      onClose={nothing}
    />,
    api,
  )
  await userEvent.click(screen.getByLabelText('Down'))
  expect(screen.getByRole('button', { name: 'Split off' }).getAttribute('title')).toBeNull()
})

it('merges into an open incident other than itself, those that look alike first', async () => {
  const other = incident({ id: 'incident-2', number: 143, title: 'Database is down' })
  const like = incident({ id: 'incident-3', number: 90, title: 'Checkout fails again' })
  const { api, calls } = fakeServer({
    'GET /api/incidents': { body: { items: [incident(), other, like], next_cursor: null } },
    'GET /api/incidents/incident-1/similar': { body: { items: [{ incident: like, reasons: [] }] } },
    'POST /api/incidents/incident-1/merge': { body: other },
  })
  show(<MergeDialog incident={incident()} onDone={nothing} onClose={nothing} />, api)
  await screen.findByText('looks alike')
  const offered = screen.getAllByRole('radio').map((radio) => radio.closest('label')?.textContent)
  expect(offered).toEqual([
    expect.stringContaining('Checkout fails again'),
    expect.stringContaining('Database is down'),
  ])
  await userEvent.click(screen.getByRole('radio', { name: /Database is down/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Merge into #143' }))
  expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ into: 'incident-2', reason: '' })
})

it('splits off everything of a kind at once, found by its words', async () => {
  const { api, calls } = fakeServer({
    'POST /api/incidents/incident-1/split': { status: 201, body: incident({ id: 'incident-9' }) },
  })
  const pods = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((pod) =>
    alert(pod, { labels: { pod: `shop-${pod}` } }),
  )
  const disk = alert('disk', { name: 'DiskFull', target: 'db', labels: { zone: 'east' } })
  show(<SplitDialog incident={incident()} alerts={[...pods, disk]} onDone={nothing} onClose={nothing} />, api)
  await userEvent.type(screen.getByLabelText('Find alerts'), 'shop-b{Enter}')
  expect(calls).toEqual([])
  expect(screen.queryByLabelText(/DiskFull/)).toBeNull()
  await userEvent.clear(screen.getByLabelText('Find alerts'))
  await userEvent.click(screen.getByLabelText(/^Down ×7/))
  await userEvent.click(screen.getByRole('button', { name: 'Split off 7' }))
  expect(calls.at(0)?.body).toEqual({ alert_ids: pods.map(({ id }) => id), reason: '' })
})
