// A storm is said above the list while it runs, and only then.
import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { fakeServer, show } from '../../testing/page'
import { StormBanner } from './storm'

const storm = (running: boolean) => ({ body: { running, minutes: 10, incidents: 1, alerts: 1200 } })

it('says how much comes in', async () => {
  const { api } = fakeServer({ 'GET /api/storm': storm(true) })
  show(<StormBanner />, api)
  expect((await screen.findByRole('alert')).textContent).toContain(
    '1 new incident and 1,200 new alerts in the last 10 minutes',
  )
})

it('says nothing on a quiet night', async () => {
  const { api, calls } = fakeServer({ 'GET /api/storm': storm(false) })
  show(<StormBanner />, api)
  await waitFor(() => expect(calls).toHaveLength(1))
  expect(screen.queryByRole('alert')).toBeNull()
})
