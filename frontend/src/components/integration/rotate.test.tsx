// A new address is shown once, with what becomes of the old one; without a promise there is none.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import type { Integration } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { RotateIntegration } from './rotate'

const integration: Integration = {
  id: 'integration-1',
  kind: 'alertmanager',
  name: 'production',
  token_prefix: 'ndi_old',
  created_at: '2026-11-21T03:00:00Z',
  last_used_at: null,
  previous_valid_until: null,
}

const server = (previous_valid_until: string | null) =>
  fakeServer({
    'POST /api/integrations/integration-1/rotate': {
      body: { ...integration, previous_valid_until, token: 'ndi_new', url: '/webhooks/alertmanager/ndi_new' },
    },
  })

it('keeps the old address for an hour unless told otherwise, and says until when', async () => {
  const { api, calls } = server('2026-11-21T04:00:00Z')
  show(<RotateIntegration integration={integration} onClose={() => undefined} />, api)
  await userEvent.click(screen.getByRole('button', { name: 'Make a new address' }))
  expect(await screen.findByText('production has a new address')).toBeTruthy()
  expect(calls.map(({ body }) => body)).toEqual([{ overlap_seconds: 3600 }])
  expect(screen.getAllByText(/webhooks\/alertmanager\/ndi_new/)).toHaveLength(2)
  expect(screen.getByText(/no alert is lost/)).toBeTruthy()
})

it('ends a leaked address at once', async () => {
  const { api, calls } = server(null)
  show(<RotateIntegration integration={integration} onClose={() => undefined} />, api)
  await userEvent.selectOptions(screen.getByLabelText('Overlap'), '0')
  expect(screen.getByText(/refused at once/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Make a new address' }))
  await screen.findByText('production has a new address')
  expect(calls.map(({ body }) => body)).toEqual([{ overlap_seconds: 0 }])
  expect(screen.queryByText(/no alert is lost/)).toBeNull()
})
