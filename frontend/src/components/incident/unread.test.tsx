// What could not be loaded is named, and asked for again: nobody takes its place for an empty one.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { fakeServer, show } from '../../testing/page'
import { Unread } from './unread'

it('names what is missing, and asks again for that alone', async () => {
  const asked: string[] = []
  const part = (name: string, error: Error | null, data?: unknown) => ({
    error,
    data,
    refetch: () => asked.push(name),
  })
  const parts = {
    evidence: part('evidence', new Error('refused')),
    timeline: part('timeline', null, []),
    alerts: part('alerts', new Error('refused'), []),
  }
  const { again } = show(<Unread parts={parts} />, fakeServer({}).api)
  expect(screen.getByText('Evidence, alerts could not be loaded')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(asked).toEqual(['evidence', 'alerts'])

  again(<Unread parts={{ alerts: parts.alerts }} />)
  expect(screen.getByText('Alerts could not be refreshed')).toBeTruthy()
  again(<Unread parts={{ timeline: parts.timeline }} />)
  expect(screen.queryByRole('button')).toBeNull()
})
