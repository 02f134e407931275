// The incident page's body, in the order in which a decision is made.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/context'
import {
  actionsQuery,
  alertsQuery,
  eventsQuery,
  evidenceQuery,
  hypothesesQuery,
  investigationsQuery,
} from '../../api/queries'
import type { IncidentDetail } from '../../api/types'
import { SkeletonLines } from '../../ui/skeleton'
import { Earlier } from '../action/earlier'
import { Proposal } from '../action/proposal'
import { Loading } from '../loading'
import { Told, type Asked } from '../trouble'
import { Attention } from './attention'
import { FactsPanel } from './facts-panel'
import { Header } from './header'
import { FittingRunbooks, Similar } from './before'
import { Belongs } from './belongs'
import { Alternatives } from './hypotheses'
import { NoProposal } from './no-proposal'
import { PostMortemSection } from './post-mortem'
import { Raw } from './raw'
import { shownRound } from './round'
import { Steps } from './steps'
import { Timeline } from './timeline'
import { Unanswered } from './unanswered'
import { Unread } from './unread'
import { WhatsWrong } from './whats-wrong'
import { Why } from './why'
import { STATUS } from './words'

export function IncidentView({ incident }: { incident: IncidentDetail }) {
  const api = useApi()
  const evidence = useQuery(evidenceQuery(api, incident.id))
  const hypotheses = useQuery(hypothesesQuery(api, incident.id))
  const actions = useQuery(actionsQuery(api, incident.id))
  const events = useQuery(eventsQuery(api, incident.id))
  const alerts = useQuery(alertsQuery(api, incident.id))
  const rounds = useQuery(investigationsQuery(api, incident.id))
  const investigations = rounds.data ?? []
  const round = shownRound(evidence.data ?? [], hypotheses.data ?? [])
  // Without a conclusion, no explanation leads: all of them are only possible.
  const leading = incident.verdict === 'inconclusive' ? undefined : round.top
  // While it goes on, what was withdrawn makes room for what comes next.
  const over = STATUS[incident.status].closed
  const current = incident.current_action?.status === 'withdrawn' && !over ? null : incident.current_action
  const before = (actions.data ?? []).filter((action) => action.id !== current?.id)
  // The round that runs, or the newest that ran.
  const shown = investigations.find(({ id }) => id === incident.investigation?.id) ?? investigations[0]
  const deciding = current?.status === 'proposed'
  return (
    <article className={deciding ? 'pb-28 md:pb-0' : undefined}>
      <Header incident={incident} />
      <Attention incident={incident} evidence={round.evidence} />
      <Unread parts={{ actions, alerts, rounds }} />
      <div className="grid gap-x-12 xl:grid-cols-[minmax(0,1fr)_19rem] xl:grid-rows-[auto_1fr]">
        <div className="min-w-0">
          <WhatsWrong incident={incident} top={leading} />
          {/* Where nothing leads, the guesses are the answer. */}
          {!leading && <Alternatives top={undefined} others={round.hypotheses} />}
          {current ? (
            <Proposal action={current} cause={incident.root_cause} />
          ) : (
            <NoProposal incident={incident} top={leading} guesses={round.hypotheses.length > 0} />
          )}
          <Why
            top={leading}
            hypotheses={round.hypotheses}
            evidence={round.evidence}
            known={evidence.data !== undefined && hypotheses.data !== undefined}
            loading={<WhyLoading evidence={evidence} hypotheses={hypotheses} />}
            alertAt={incident.started_at}
          />
          {leading && <Alternatives top={leading} others={round.others} />}
          <Unanswered evidence={round.evidence} missing={incident.investigation?.missing ?? []} />
          {shown && <Steps incidentId={incident.id} investigation={shown} />}
          <Similar incidentId={incident.id} />
          <FittingRunbooks incidentId={incident.id} />
          <Earlier actions={before} />
        </div>
        <div className="min-w-0 xl:col-start-2 xl:row-span-2 xl:row-start-1">
          <FactsPanel incident={incident} />
          <Timeline
            events={events.data ?? []}
            loading={
              <Loading query={events} what="timeline" small>
                <SkeletonLines lines={6} />
              </Loading>
            }
          />
        </div>
        <div className="min-w-0 xl:col-start-1">
          <PostMortemSection incident={incident} />
          <Belongs incident={incident} firings={alerts.data ?? []} />
          <Raw incident={incident} investigations={investigations} />
        </div>
      </div>
    </article>
  )
}

/** One outline for both. */
const WhyLoading = ({ evidence, hypotheses }: { evidence: Asked; hypotheses: Asked }) => (
  <>
    <Loading query={evidence} what="evidence" small>
      <SkeletonLines lines={4} />
    </Loading>
    {evidence.data === undefined ? (
      <Told query={hypotheses} what="explanations" />
    ) : (
      <Loading query={hypotheses} what="explanations" small>
        <SkeletonLines lines={4} />
      </Loading>
    )}
  </>
)
