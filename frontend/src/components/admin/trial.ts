// Until when a trial can be extended: from its present end, or from now when that is past.

export interface TrialChoice {
  label: string
  /** Null: no end. */
  endsAt: string | null
}

const DAY_MS = 86_400_000

export function trialChoices(endsAt: string | null, now: number): [TrialChoice, ...TrialChoice[]] {
  const from = Math.max(endsAt === null ? now : Date.parse(endsAt), now)
  const more = (days: number): TrialChoice => ({
    label: `${days} more days`,
    endsAt: new Date(from + days * DAY_MS).toISOString(),
  })
  return [more(14), more(7), more(30), more(90), { label: 'No end: not on trial', endsAt: null }]
}
