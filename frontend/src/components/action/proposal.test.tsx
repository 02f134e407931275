// The proposal card in every state: what it promises, and what it lets a person do.
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Action } from '../../api/types'
import { fakeServer, show, type Answers } from '../../testing/page'
import { DIGEST, action } from '../../testing/samples'
import { Proposal } from './proposal'

const APPROVE = 'POST /api/actions/action-1/approve'

function open(shown: Action, answers: Answers = {}) {
  const { api, calls } = fakeServer(answers)
  // What was asked to be done; looking is free.
  const sent = () => calls.filter(({ method }) => method !== 'GET')
  return { sent, user: userEvent.setup(), ...show(<Proposal action={shown} cause="checkout leaks." />, api) }
}

const button = (name: RegExp) => screen.getByRole('button', { name })

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T03:10:00Z'), toFake: ['Date'] })
})

describe('a proposal', () => {
  it('says what exactly runs, on what, what changes, how it is checked and undone, and until when', () => {
    open(action())
    for (const text of [
      'docker.restart_container(container="checkout", stop_timeout_seconds=10)',
      'running since Monday',
      'running, started now',
      'Requests in flight are cut.',
      'A restart cannot be undone.',
      /The alert recovers/,
      'Medium risk',
    ]) {
      expect(screen.getAllByText(text).length).toBeGreaterThan(0)
    }
    expect(screen.getAllByText(/expires in \d+:\d\d/).length).toBeGreaterThan(0)
  })

  it('does not tell the cause again, it leads to it', () => {
    open(action({ rationale: 'checkout leaks. (confirmed) A fresh process clears its state.' }))
    expect(screen.getByText(/A fresh process clears its state/).textContent).not.toContain('checkout leaks')
    expect(screen.getByRole('link', { name: /the cause above/ }).getAttribute('href')).toBe('#cause')
  })

  it('sends the digest that was shown, once', async () => {
    const { user, sent } = open(action(), { [APPROVE]: { body: action({ status: 'approved' }) } })
    await user.click(button(/^Approve…/))
    await user.type(screen.getByLabelText('Comment'), 'go')
    await user.click(button(/Approve and run/))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(sent()).toEqual([
      { method: 'POST', path: '/api/actions/action-1/approve', body: { digest: DIGEST, comment: 'go' } },
    ])
  })

  it('cannot be approved any more once it has changed under the reader', async () => {
    const { user, again, sent } = open(action())
    await user.click(button(/^Approve…/))
    again(
      <Proposal action={action({ digest: 'b'.repeat(64), params: { container: 'other' } })} cause={null} />,
    )
    const dialog = screen.getByRole('dialog')
    expect(within(dialog).getByText(/has changed while you were reading/)).toBeTruthy()
    expect(within(dialog).getByText(/container="checkout"/)).toBeTruthy()
    expect(within(dialog).queryByRole('button', { name: /Approve and run/ })).toBeNull()
    expect(sent()).toEqual([])
  })

  it('tells who was first', async () => {
    const decision = { decision: 'approve', who: 'Bob', at: '2026-11-21T03:09:55Z' }
    const { user } = open(action(), {
      [APPROVE]: { status: 409, body: { code: 'already_decided', title: 'Conflict', status: 409, decision } },
    })
    await user.click(button(/^Approve…/))
    await user.click(button(/Approve and run/))
    expect(await screen.findByText('Bob approved it first')).toBeTruthy()
    expect(screen.queryByRole('button', { name: /Approve and run/ })).toBeNull()
  })

  it('gives the reason why not, in words a phone can show, and does nothing when pressed', async () => {
    const not = { allowed: false, reason: 'Your role may not decide about actions.' }
    const { user } = open(action({ verbs: { approve: not, reject: not, postpone: not } }))
    await user.click(button(/^Approve…/))
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(screen.getByText('Your role may not decide about actions.')).toBeTruthy()
  })

  it('of high risk shows one of two approvals, and asks the second person to run it', async () => {
    const half = action({
      risk: 'high',
      approvals_needed: 2,
      approvals: [{ who: 'Alice', at: '2026-11-21T03:05:00Z' }],
    })
    const { user } = open(half)
    expect(screen.getByText('1 of 2 approvals')).toBeTruthy()
    expect(screen.getByText(/Alice at/)).toBeTruthy()
    await user.click(button(/^Approve…/))
    expect(button(/Approve and run/)).toBeTruthy()
  })

  it('of high risk does not promise to the first person that it runs', async () => {
    const { user } = open(action({ risk: 'high', approvals_needed: 2 }))
    await user.click(button(/^Approve…/))
    expect(screen.getByText('Give the first of two approvals?')).toBeTruthy()
    expect(screen.queryByRole('button', { name: /and run/ })).toBeNull()
  })

  it('is not rejected without a reason', async () => {
    const path = '/api/actions/action-1/reject'
    const { user, sent } = open(action(), { [`POST ${path}`]: { body: action({ status: 'rejected' }) } })
    await user.click(button(/^Reject…/))
    await user.click(button(/^Reject$/))
    expect(sent()).toEqual([])
    await user.click(button(/Too risky right now/))
    await user.click(button(/^Reject$/))
    await waitFor(() => expect(sent()).toHaveLength(1))
    expect(sent()[0]?.body).toEqual({ digest: DIGEST, reason: 'Too risky right now' })
  })

  it('says when its time is over', () => {
    open(action({ expires_at: '2026-11-21T03:09:59Z' }))
    expect(screen.getAllByText('expired').length).toBeGreaterThan(0)
  })
})

describe('without a decision to make', () => {
  it.each([
    [
      'advice',
      { status_reason: 'No connection may change it.', preview: null },
      /Nightdesk cannot run this here/,
    ],
    ['unknown', {}, /may or may not have run/],
    ['stale', {}, /Nothing was run/],
    ['expired', {}, /Nobody decided in time/],
    ['executing', { started_at: '2026-11-21T03:09:50Z' }, /Running for/],
  ] as [Action['status'], Partial<Action>, RegExp][])(
    '%s offers no buttons and says why',
    (status, change, says) => {
      open(action({ status, ...change }))
      expect(screen.getByText(says)).toBeTruthy()
      expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull()
    },
  )

  it('what has run shows its result and each check, also the one that could not tell', () => {
    open(
      action({
        status: 'succeeded',
        result: 'restarted in 2 s',
        verification: 'inconclusive',
        verification_detail: {
          checks: [
            { name: 'Running', ok: true, detail: '' },
            { name: 'Healthy', ok: null, detail: 'it has no health check' },
            { name: 'Alert', ok: false, detail: 'still firing' },
          ],
        },
      }),
    )
    expect(screen.getByText('restarted in 2 s')).toBeTruthy()
    expect(screen.getByText(/A person has to look/)).toBeTruthy()
    expect(screen.getByLabelText('passed')).toBeTruthy()
    expect(screen.getByLabelText('could not tell')).toBeTruthy()
    expect(screen.getByLabelText('did not pass')).toBeTruthy()
  })
})
