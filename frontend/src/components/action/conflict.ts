// What a refused decision means for the person who made it.
import { Refusal, Unreachable, wording } from '../../api/problem'
import type { Tone } from '../../ui/tone'

export interface Verdict {
  tone: Tone
  title: string
  says: string
  /** Deciding again from the same dialog cannot work. */
  final: boolean
}

interface Decision {
  decision: string
  who: string
  at: string
}

const PAST: Record<string, string> = { approve: 'approved', reject: 'rejected', postpone: 'postponed' }

function decisionOf(refusal: Refusal): Decision | null {
  const { decision } = refusal.problem
  if (typeof decision !== 'object' || decision === null) return null
  const { decision: what, who, at } = decision as Record<string, unknown>
  return typeof what === 'string' && typeof who === 'string' && typeof at === 'string'
    ? { decision: what, who, at }
    : null
}

function decided(refusal: Refusal, when: (at: string) => string): Verdict {
  const first = decisionOf(refusal)
  if (!first) return { tone: 'amber', title: 'Somebody decided first', says: refusal.message, final: true }
  const past = PAST[first.decision] ?? first.decision
  return {
    tone: 'amber',
    title: `${first.who} ${past} it first`,
    says: `At ${when(first.at)}. Your decision was not recorded and changed nothing.`,
    final: true,
  }
}

/** Words for a decision that did not go through. `when` renders a time. */
export function refusedDecision(error: unknown, when: (at: string) => string): Verdict {
  if (error instanceof Unreachable) {
    return {
      tone: 'red',
      title: 'No answer from Nightdesk',
      says: 'It is not certain that your decision arrived. It is safe to try again: a decision counts once.',
      final: false,
    }
  }
  if (!(error instanceof Refusal))
    return { tone: 'red', title: 'Not sent', says: wording(error), final: false }
  switch (error.code) {
    case 'already_decided':
      return decided(error, when)
    case 'digest_mismatch':
      return {
        tone: 'amber',
        title: 'The proposal is not the one you were shown',
        says: 'It was prepared anew while you were reading. Close this and look again before you decide.',
        final: true,
      }
    case 'action_expired':
      return {
        tone: 'amber',
        title: 'The proposal has expired',
        says: 'The state it was based on is too old. Investigate again for a fresh one.',
        final: true,
      }
    case 'mfa_required':
      return {
        tone: 'amber',
        title: 'Your team asks for a second factor',
        says: 'Enter the code of your authenticator, then approve. Nothing has run.',
        final: false,
      }
    case 'mfa_verification_failed':
    case 'mfa_challenge_expired':
    case 'no_factor':
      return { tone: 'red', title: 'Not confirmed', says: error.message, final: false }
    case 'forbidden':
      return { tone: 'red', title: 'You may not decide this', says: error.message, final: true }
    default:
      return { tone: 'red', title: 'Not accepted', says: error.message, final: error.status < 500 }
  }
}
