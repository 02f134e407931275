// What stands above everything else: the automation has stopped, or it is over.
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/context'
import { incidentQuery } from '../../api/queries'
import type { Evidence, IncidentDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Ago } from '../../ui/when'
import { silenceInWords } from './silence'
import { STATUS } from './words'

interface Props {
  incident: IncidentDetail
  /** Of the round that is shown. */
  evidence: Evidence[]
}

export function Attention({ incident, evidence }: Props) {
  const silent = STATUS[incident.status].closed ? '' : silenceInWords(evidence)
  if (incident.merged_into) return <WentOn into={incident.merged_into} />
  if (incident.needs_person) {
    return (
      <Banner tone="amber" urgent className="mb-5" title="This needs a person">
        {incident.needs_person} Nightdesk does nothing further on its own.
        {silent && <Silent says={silent} />}
      </Banner>
    )
  }
  if (incident.status === 'failed') {
    return (
      <Banner tone="red" urgent className="mb-5" title="Nightdesk could not bring it back">
        {incident.action_error ?? 'Every attempt it may make has been made.'} What was tried is below.
      </Banner>
    )
  }
  if (silent) {
    return (
      <Banner tone="amber" className="mb-5" title="Something is missing">
        <Silent says={silent} />
      </Banner>
    )
  }
  if (incident.status !== 'resolved' || !incident.resolved_at) return null
  return (
    <Banner
      tone="green"
      className="mb-5"
      title={<Resolved incident={incident} at={incident.resolved_at} />}
      action={
        incident.has_post_mortem && (
          <a href="#post-mortem" className="shrink-0 rounded text-green underline underline-offset-2">
            Post-mortem
          </a>
        )
      }
    >
      {incident.verification === 'recovered' && 'Verified: the checks held through the settle window.'}
    </Banner>
  )
}

/** A finding without them may be half of the truth. */
const Silent = ({ says }: { says: string }) => (
  <a href="#unanswered" className="block w-fit underline underline-offset-2">
    {says}
  </a>
)

/** All that comes from now on is counted to the other one. */
function WentOn({ into }: { into: string }) {
  const { data } = useQuery(incidentQuery(useApi(), into))
  const name = data ? `#${data.number} – ${data.title}` : 'another incident'
  return (
    <Banner
      tone="accent"
      className="mb-5"
      title={
        <>
          Merged into{' '}
          <Link
            to="/incidents/$incidentId"
            params={{ incidentId: into }}
            className="wrap-anywhere text-accent underline underline-offset-2"
          >
            {name}
          </Link>
        </>
      }
    >
      That one took its alerts over and goes on.
    </Banner>
  )
}

const Resolved = ({ incident, at }: { incident: IncidentDetail; at: string }) => (
  <>
    Resolved <Ago at={at} />
    {incident.resolved_by && ` by ${incident.resolved_by}`}
  </>
)
