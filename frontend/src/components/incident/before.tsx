// What helps from before: incidents that looked like this one, with what was done and whether it worked, and runbooks that fit.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../api/context'
import { incidentRunbooksQuery, similarQuery } from '../../api/queries'
import type { FittingRunbook, SimilarIncident } from '../../api/types'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Chip, Dot } from '../../ui/tag'
import { Ago } from '../../ui/when'
import { ACTION_STATUS } from '../action/words'
import { Loading } from '../loading'
import { inShort } from './gist'
import { VERIFICATION } from './words'

export function Similar({ incidentId }: { incidentId: string }) {
  const asked = useQuery(similarQuery(useApi(), incidentId))
  const { data } = asked
  if (data?.length === 0) return null
  return (
    <Section title="Looked like this before" aside={data && `${data.length}`} tight>
      <Loading query={asked} what="similar incidents" small>
        <SkeletonLines lines={3} />
      </Loading>
      <ul>
        {data?.map((similar) => (
          <SimilarRow key={similar.incident.id} similar={similar} />
        ))}
      </ul>
    </Section>
  )
}

const SimilarRow = ({ similar }: { similar: SimilarIncident }) => (
  <li className="border-b border-line/60 py-2.5 text-sm last:border-b-0">
    <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
      <Link
        to="/incidents/$incidentId"
        params={{ incidentId: similar.incident.id }}
        className="font-medium wrap-anywhere text-accent hover:underline"
      >
        #{similar.incident.number} {similar.incident.title}
      </Link>
      <span className="label">
        {similar.incident.resolved_at ? <Ago at={similar.incident.resolved_at} /> : 'still open'}
      </span>
    </p>
    {similar.root_cause && (
      <p className="mt-0.5 wrap-anywhere">
        {inShort(similar.root_cause)}
        {similar.corrected && (
          <span className="ml-2">
            <Chip tone="green">said by a person</Chip>
          </span>
        )}
      </p>
    )}
    {similar.action && <Done action={similar.action} />}
    <p className="label wrap-anywhere">{similar.reasons.join(' · ')}</p>
  </li>
)

function Done({ action }: { action: NonNullable<SimilarIncident['action']> }) {
  const verified = action.verification ? VERIFICATION[action.verification] : null
  const status = Object.entries(ACTION_STATUS).find(([name]) => name === action.status)?.[1]
  return (
    <p className="mt-0.5 flex flex-wrap items-baseline gap-x-2.5">
      <span className="text-soft">Done then: {action.title}</span>
      {verified ? (
        <Dot tone={verified.tone}>{verified.label}</Dot>
      ) : (
        status && <Dot tone={status.tone}>{status.label}</Dot>
      )}
    </p>
  )
}

export function FittingRunbooks({ incidentId }: { incidentId: string }) {
  const asked = useQuery(incidentRunbooksQuery(useApi(), incidentId))
  const { data } = asked
  if (data?.length === 0) return null
  return (
    <Section title="Runbooks that fit" tight>
      <Loading query={asked} what="fitting runbooks" small>
        <SkeletonLines lines={2} />
      </Loading>
      <ul>
        {data?.map((runbook) => (
          <RunbookRow key={runbook.id} runbook={runbook} />
        ))}
      </ul>
    </Section>
  )
}

const RunbookRow = ({ runbook }: { runbook: FittingRunbook }) => (
  <li className="border-b border-line/60 py-2.5 text-sm last:border-b-0">
    <Link
      to="/runbooks/$runbookId"
      params={{ runbookId: runbook.id }}
      className="font-medium wrap-anywhere text-accent hover:underline"
    >
      {runbook.title}
    </Link>
    <p className="line-clamp-2 wrap-anywhere text-soft">{runbook.excerpt}</p>
    <p className="label wrap-anywhere">{runbook.reasons.join(' · ')}</p>
  </li>
)
