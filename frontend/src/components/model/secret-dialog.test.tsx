// A pattern that cannot be used is refused while it is typed, and what it hides is seen before it counts.
import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { fakeServer, show } from '../../testing/page'
import { SecretDialog } from './secret-dialog'

const BAD = {
  status: 422,
  body: { code: 'bad_pattern', title: 'Bad', detail: 'The pattern cannot be used: missing ).' },
}

it('says what is wrong with a pattern, shows what a good one hides, and adds that', async () => {
  const { api, calls } = fakeServer({
    'POST /api/secret-patterns/try': ({ body }) =>
      (body as { pattern: string }).pattern === 'A(' ? BAD : { body: { shown: 'order [redacted]' } },
    'POST /api/secret-patterns': { status: 201, body: {} },
  })
  let closed = 0
  show(<SecretDialog onClose={() => closed++} />, api)
  await userEvent.type(screen.getByLabelText('Name'), 'orders')
  await userEvent.type(screen.getByLabelText('Pattern'), 'A(')
  expect(await screen.findByText(/missing \)/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Add' }))
  expect(calls.some(({ path }) => path === '/api/secret-patterns')).toBe(false)
  await userEvent.type(screen.getByLabelText('Pattern'), '1)')
  await userEvent.type(screen.getByLabelText('Try it on'), 'order A1')
  expect(await screen.findByText('order [redacted]')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Add' }))
  await waitFor(() => expect(closed).toBe(1))
  expect(calls.find(({ path }) => path === '/api/secret-patterns')?.body).toEqual({
    name: 'orders',
    pattern: 'A(1)',
  })
})
