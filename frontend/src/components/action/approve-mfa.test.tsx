// A team that asks for a second factor gets it in the dialog where the approval is given.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { Refusal } from '../../api/problem'
import { fakeServer, show } from '../../testing/page'
import { action as sample } from '../../testing/samples'
import { ApproveDialog } from './approve-dialog'

const action = sample()
const path = `POST /api/actions/${action.id}/approve`
const refused = { status: 403, body: { code: 'mfa_required', detail: 'Your team asks for a second factor.' } }
const nothing = () => undefined
const factors = () => Promise.resolve([{ id: 'f', name: 'Phone', createdAt: '2026-11-21T00:00:00Z' }])

it('asks for the code when the server does, proves it, and approves the same proposal', async () => {
  const proved: string[] = []
  const { api, calls } = fakeServer(
    { [path]: () => (proved.length === 0 ? refused : { body: action }) },
    { factors, prove: (code) => Promise.resolve(void proved.push(code)) },
  )
  show(<ApproveDialog shown={action} current={action} onClose={nothing} />, api)
  await userEvent.click(screen.getByRole('button', { name: 'Approve and run' }))
  await userEvent.type(await screen.findByLabelText('Code of your authenticator'), '123456')
  await userEvent.click(screen.getByRole('button', { name: 'Approve and run' }))
  await screen.findByText('Approved. It runs once, now.')
  expect(proved).toEqual(['123456'])
  expect(calls.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
    { digest: action.digest, comment: '' },
    { digest: action.digest, comment: '' },
  ])
})

it('approves nothing with a wrong code, and lets one try again', async () => {
  const needed = { allowed: false, reason: 'Your team asks.', code: 'mfa_required' }
  const asked = { ...action, verbs: { ...action.verbs, approve: needed } }
  const wrong = new Refusal(422, { code: 'mfa_verification_failed', detail: 'This code is not right.' })
  const { api, calls } = fakeServer({}, { factors, prove: () => Promise.reject(wrong) })
  show(<ApproveDialog shown={asked} current={asked} onClose={nothing} />, api)
  const field = await screen.findByLabelText('Code of your authenticator')
  await userEvent.type(field, '000000')
  await userEvent.click(screen.getByRole('button', { name: 'Approve and run' }))
  expect((await screen.findByRole('alert')).textContent).toContain('This code is not right.')
  expect(calls).toEqual([])
  expect(field).toHaveProperty('value', '')
})
