// Whose clock the pages show: the one that was chosen, else the browser's.
import type { Profile } from '../../api/types'

type Chosen = Pick<Profile, 'time_zone' | 'preferences'>

/** Everybody begins with UTC: only who saved a zone has chosen it. */
export const chosenZone = ({ time_zone, preferences }: Chosen): string | undefined =>
  time_zone !== 'UTC' || preferences.zone_chosen === true ? time_zone : undefined

/** What goes along when a zone is saved. */
export const choosing = ({ preferences }: Chosen): Profile['preferences'] => ({
  ...preferences,
  zone_chosen: true,
})
