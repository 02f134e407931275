// What is asked about attempts to sign in; the address holds it. And how their outcomes read.
import type { AttemptFilter } from '../../api/queries'
import type { AttemptOutcome } from '../../api/types'
import type { Tone } from '../../ui/tone'

export const OUTCOME: Record<AttemptOutcome, { label: string; tone: Tone }> = {
  succeeded: { label: 'Signed in', tone: 'green' },
  failed: { label: 'Wrong password', tone: 'amber' },
  delayed: { label: 'Made to wait', tone: 'amber' },
  captcha_required: { label: 'Asked for work', tone: 'amber' },
  code_requested: { label: 'Asked for a code', tone: 'quiet' },
  mfa_failed: { label: 'Wrong code', tone: 'orange' },
  blocked: { label: 'Blocked', tone: 'red' },
}

export const OUTCOMES = Object.keys(OUTCOME) as AttemptOutcome[]

const text = (value: unknown, longest: number): string | undefined =>
  typeof value === 'string' && value.trim() ? value.trim().slice(0, longest) : undefined

export function readAttemptSearch(raw: Record<string, unknown>): AttemptFilter {
  const email = text(raw.email, 254)
  const ip_address = text(raw.ip_address, 60)
  const outcome = OUTCOMES.find((known) => known === raw.outcome)
  return {
    ...(email ? { email } : {}),
    ...(ip_address ? { ip_address } : {}),
    ...(outcome ? { outcome } : {}),
  }
}
