// Doing nothing, not knowing, and still looking are answers with words of their own.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { IncidentDetail } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { hypothesis, incident } from '../../testing/samples'
import { WhatsWrong } from './whats-wrong'

type Investigation = NonNullable<IncidentDetail['investigation']>

const investigation = (change: Partial<Investigation> = {}): Investigation => ({
  id: 'investigation-1',
  round: 1,
  status: 'done',
  step: '',
  analyst: 'rules',
  verdict: 'incident',
  error: null,
  model: null,
  tokens_in: 0,
  tokens_out: 0,
  cost_usd: 0,
  usage_estimated: false,
  started_at: '2026-11-21T03:00:00Z',
  finished_at: null,
  summary: '',
  missing: [],
  analyst_note: '',
  dropped_claims: 0,
  ...change,
})

const open = (change: Partial<IncidentDetail>, top = hypothesis(1, 1)) =>
  show(<WhatsWrong incident={incident(change)} top={top} />, fakeServer({}).api)

describe('WhatsWrong', () => {
  it('says the cause, its kind, how sure, and who says so', () => {
    open({ investigation: investigation() })
    for (const text of [
      'checkout leaks database connections.',
      'Connection exhaustion',
      'Likely',
      'Rules analyst',
    ]) {
      expect(screen.getByText(text)).toBeTruthy()
    }
    expect(screen.getByText(/Direct evidence supports it/)).toBeTruthy()
  })

  it('puts the first words before the log that proves them, and folds a long one', async () => {
    const log = `ERROR SqlExceptionHelper : ${'Connection is not available, '.repeat(20)}`
    open({ root_cause: `orders has used up its connections: ${log}` })
    expect(screen.getByText('orders has used up its connections')).toBeTruthy()
    const unfold = screen.getByRole('button', { name: 'Show all of it' })
    expect(unfold.getAttribute('aria-expanded')).toBe('false')
    await userEvent.click(unfold)
    expect(screen.getByRole('button', { name: 'Show less' })).toBeTruthy()
  })

  it('speaks of what is over as over', () => {
    open({ status: 'resolved' })
    expect(screen.getByRole('heading', { name: 'What was wrong' })).toBeTruthy()
  })

  it('names the model that spoke', () => {
    open({ analyst: 'llm', investigation: investigation({ analyst: 'llm', model: 'gpt-oss-120b' }) })
    expect(screen.getByText('gpt-oss-120b')).toBeTruthy()
  })

  it('a healthy system is told plainly', () => {
    open({ verdict: 'not_an_incident', root_cause: 'It was rebooted.', investigation: investigation() })
    expect(screen.getByText('Nothing is broken')).toBeTruthy()
  })

  it('not knowing invents no cause and shows no confidence', () => {
    show(
      <WhatsWrong incident={incident({ verdict: 'inconclusive', root_cause: null })} top={undefined} />,
      fakeServer({}).api,
    )
    expect(screen.getByText('Inconclusive')).toBeTruthy()
    expect(screen.queryByText('Likely')).toBeNull()
  })

  it('what was not established is not more or less sure, and there is nothing in it to correct', async () => {
    const said = incident({
      verdict: 'inconclusive',
      root_cause: 'Not established for web.',
      confidence: 'possible',
    })
    const { api } = fakeServer({ 'GET /api/me': { body: { permissions: ['incident.write'] } } })
    show(<WhatsWrong incident={said} top={undefined} />, api)
    expect(screen.getByText('Not established for web.')).toBeTruthy()
    expect(screen.queryByText('Possible')).toBeNull()
    await userEvent.click(await screen.findByRole('button', { name: 'Say what it was' }))
    expect(screen.getByLabelText<HTMLTextAreaElement>('What the cause was').value).toBe('')
  })

  it('shows the running step, and that the text below is older', () => {
    open({ investigation: investigation({ status: 'running', round: 2, step: 'asking loki' }) })
    expect(screen.getByText('Asking loki')).toBeTruthy()
    expect(screen.getByText(/below is what the round before found/)).toBeTruthy()
  })

  it('says what was taken out of the answer', () => {
    open({ investigation: investigation({ dropped_claims: 2, analyst_note: 'The model timed out.' }) })
    expect(screen.getByText(/The model timed out\. 2 claims without proof left out\./)).toBeTruthy()
  })

  it('a broken investigation is not an empty page', () => {
    show(
      <WhatsWrong
        incident={incident({
          verdict: null,
          root_cause: null,
          confidence: null,
          analyst: null,
          investigation: investigation({
            status: 'failed',
            error: 'It was interrupted three times.',
            analyst: null,
          }),
        })}
        top={undefined}
      />,
      fakeServer({}).api,
    )
    expect(screen.getByText(/It was interrupted three times/)).toBeTruthy()
  })
})
