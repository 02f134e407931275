// How dollars, tokens and months of the model read.
import type { Usage } from '../../api/types'
import type { Tone } from '../../ui/tone'

/** "$12.40"; below ten cents with what matters of it: "$0.0042". */
export function dollars(usd: number): string {
  const small = usd > 0 && usd < 0.1
  return usd.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: small ? 4 : 2,
  })
}

/** "12,400"; from a million on "1.24 M". */
export const tokens = (count: number): string =>
  count < 1_000_000 ? count.toLocaleString('en-US') : `${(count / 1_000_000).toFixed(2)} M`

const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** "2026-11" as "November 2026". */
export const monthName = (month: string): string => MONTH.format(new Date(`${month}-01T00:00:00Z`))

/** The month after, when the cap counts from nothing again. */
export function monthAfter(month: string): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + 1)
  return MONTH.format(date)
}

/** Near the cap it is worth a look before it is reached. */
export function capTone({ cost_usd, cap_usd, cap_reached }: Usage): Tone {
  if (cap_reached) return 'red'
  return cost_usd >= 0.8 * cap_usd ? 'amber' : 'accent'
}

/** What became of a cap that was saved: it counts only below the installation's. */
export function capSaved({ cap_usd, team_cap_usd }: Pick<Usage, 'cap_usd' | 'team_cap_usd'>): string {
  const counts = `${dollars(cap_usd)} a month`
  if (team_cap_usd === null) return `The team's own cap is gone. The installation's counts: ${counts}.`
  if (team_cap_usd > cap_usd)
    return `Saved: ${dollars(team_cap_usd)}. The installation's cap is lower and still counts: ${counts}.`
  return `The cap is ${counts}.`
}

const ASKED = /^\d{1,7}(\.\d{1,2})?$/
const MOST = 1_000_000

/** What was typed as a cap: dollars; null for none of the team's own; a sentence when it is neither. */
export function capOf(typed: string): number | null | string {
  const text = typed.trim().replace(/^\$\s*/, '')
  if (text === '') return null
  if (!ASKED.test(text)) return 'Dollars, with cents at most: 25 or 12.50.'
  const cap = Number(text)
  return cap > MOST ? 'At most a million dollars.' : cap
}
