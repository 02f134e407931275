// What stands above every page: maintenance, a suspended team, a trial that ends or has ended.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/context'
import { meQuery } from '../../api/queries'
import { Banner } from '../../ui/banner'
import { useNow } from '../../ui/now'
import { Moment } from '../../ui/when'
import { useStanding, type Standing, type Why } from '../standing'

const WORDS: Record<Why, { title: string; says: string }> = {
  maintenance: {
    title: 'Nightdesk is under maintenance',
    says: 'Everything can be read, and alerts are still taken; nothing can be changed for the moment.',
  },
  suspended: {
    title: 'This team is suspended',
    says: 'Nothing can be changed, and only its admins can look. Ask those who run this installation.',
  },
  trial_ended: {
    title: "The team's trial has ended",
    says: 'Everything can be read and taken away; nothing can be changed until a plan is chosen.',
  },
}

export function StandingBanner({ standing }: { standing: Standing }) {
  const { title, says } = WORDS[standing.why]
  return (
    <Banner tone={standing.why === 'suspended' ? 'red' : 'amber'} title={title} className="mb-4">
      {standing.notice && <p className="wrap-anywhere text-ink">{standing.notice}</p>}
      {says}
      {standing.refused === null && <p>You run this installation: for you, everything goes on as usual.</p>}
    </Banner>
  )
}

const SOON_MS = 7 * 86_400_000

export function Notices() {
  const standing = useStanding()
  return standing ? <StandingBanner standing={standing} /> : <TrialEnds />
}

/** In the last week it is said beforehand. */
function TrialEnds() {
  const now = useNow()
  const { data: me } = useQuery(meQuery(useApi()))
  const team = me?.team
  if (!team?.trial_ends_at || Date.parse(team.trial_ends_at) - now > SOON_MS) return null
  return (
    <Banner tone="accent" className="mb-4" title="The team's trial ends soon">
      On <Moment at={team.trial_ends_at} className="tabular" />. Then everything can be read and nothing
      changed.
    </Banner>
  )
}
