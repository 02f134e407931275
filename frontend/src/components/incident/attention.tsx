// What stands above everything else: the automation has stopped, or it is over.
import { Link } from '@tanstack/react-router'
import type { IncidentDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Ago } from '../../ui/when'

export function Attention({ incident }: { incident: IncidentDetail }) {
  if (incident.merged_into) return <WentOn into={incident.merged_into} />
  if (incident.needs_person) {
    return (
      <Banner tone="amber" urgent className="mb-5" title="This needs a person">
        {incident.needs_person} Nightdesk does nothing further on its own.
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

const WentOn = ({ into }: { into: string }) => (
  <Banner tone="accent" className="mb-5" title="A person merged this into another incident">
    <Link
      to="/incidents/$incidentId"
      params={{ incidentId: into }}
      className="text-accent underline underline-offset-2"
    >
      The incident that goes on
    </Link>
  </Banner>
)

const Resolved = ({ incident, at }: { incident: IncidentDetail; at: string }) => (
  <>
    Resolved <Ago at={at} />
    {incident.resolved_by && ` by ${incident.resolved_by}`}
  </>
)
