// Why nothing would be done: each reason in its own words.
import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { IncidentDetail } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { hypothesis, incident } from '../../testing/samples'
import { NoProposal } from './no-proposal'

const stopped = { status: 'analyzed' } as const

it.each<[string, Partial<IncidentDetail>, string]>([
  ['a likely cause without a remedy', {}, 'It needs your hands.'],
  ['a mere guess', { confidence: 'possible' }, 'Nothing is proposed on a mere possibility. The check below'],
  ['no cause', { verdict: 'inconclusive', confidence: 'possible' }, 'acting on a guess could make it worse'],
  ['good news', { verdict: 'not_an_incident' }, 'there is nothing to repair'],
])('%s', (_, change, says) => {
  const top = hypothesis(1, 1, { disproof: 'Ask the database.' })
  show(<NoProposal incident={incident({ ...stopped, ...change })} top={top} guesses />, fakeServer({}).api)
  expect(screen.getByText(says, { exact: false })).toBeTruthy()
})

it('while it is looked at, nothing is decided', () => {
  show(
    <NoProposal incident={incident({ status: 'investigating' })} top={undefined} guesses />,
    fakeServer({}).api,
  )
  expect(screen.queryByText('What would be done')).toBeNull()
})
