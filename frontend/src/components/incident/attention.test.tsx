// Whoever reads only the top of the page learns what was not heard.
import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { IncidentDetail } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { evidence, incident } from '../../testing/samples'
import { Attention } from './attention'

const ASKED = [evidence('E1', 1), evidence('E2', 1, { source: 'prometheus', error: 'timed out' })]
const SILENT = 'prometheus did not answer (1 of 2 questions).'

const open = (change: Partial<IncidentDetail>) =>
  show(<Attention incident={incident(change)} evidence={ASKED} />, fakeServer({}).api)

it.each([[null], ['The cause could not be established.']])(
  'names the silent sources, whether or not a person is needed: %s',
  (needs_person) => {
    open({ needs_person })
    expect(screen.getByRole('link', { name: SILENT }).getAttribute('href')).toBe('#unanswered')
  },
)

it('does not complain of gaps once it is over', () => {
  open({ status: 'resolved', resolved_at: '2026-11-21T03:30:00Z' })
  expect(screen.queryByText(SILENT)).toBeNull()
  expect(screen.getByText(/^Resolved/)).toBeTruthy()
})
