// The proposal: what would be done, to what, how it is checked and undone, and until when it can be decided.
import type { Action, ActionStatus } from '../../api/types'
import { cx } from '../../ui/cx'
import { Section } from '../../ui/section'
import { Chip, Dot } from '../../ui/tag'
import { Moment } from '../../ui/when'
import { inWords } from '../incident/words'
import { Approvals } from './approvals'
import { Decision } from './decision'
import { Exact } from './exact'
import { Expiry } from './expiry'
import { Outcome } from './outcome'
import { ACTION_STATUS, RISK } from './words'

const TITLE: Record<ActionStatus, string> = {
  drafted: 'What would be done',
  advice: 'What could be done',
  proposed: 'What would be done',
  approved: 'What is being done',
  executing: 'What is being done',
  succeeded: 'What was done',
  failed: 'What was done',
  unknown: 'What was done',
  rejected: 'What was proposed',
  expired: 'What was proposed',
  stale: 'What was proposed',
  withdrawn: 'What was proposed',
}

const WORKING: ReadonlySet<ActionStatus> = new Set(['drafted', 'approved', 'executing'])

interface Props {
  action: Action
  /** What is wrong, as the page says it above. */
  cause: string | null
}

export function Proposal({ action, cause }: Props) {
  const waiting = action.status === 'proposed'
  return (
    <Section
      title={TITLE[action.status]}
      aside={waiting && action.expires_at && <Expiry at={action.expires_at} />}
    >
      <article
        aria-label={action.title}
        className={cx('rounded-lg border bg-surface', waiting ? 'border-edge' : 'border-line')}
      >
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 border-b px-4 py-3">
          <h3 className="text-base font-semibold tracking-tight wrap-anywhere">{action.title}</h3>
          <p className="flex items-center gap-3 text-sm">
            <Dot tone={ACTION_STATUS[action.status].tone} live={WORKING.has(action.status)}>
              {ACTION_STATUS[action.status].label}
            </Dot>
            <Chip tone={RISK[action.risk].tone} title={RISK[action.risk].says}>
              {RISK[action.risk].label}
            </Chip>
          </p>
        </div>
        <div className="flex flex-col gap-4 px-4 py-4">
          <Standing action={action} />
          <Outcome action={action} />
          <Exact action={action} whole />
          <Rationale action={action} cause={cause} />
          {waiting && <Approvals action={action} />}
          {waiting && <Decision action={action} />}
        </div>
      </article>
    </Section>
  )
}

/** Where it stands, when there is more to say than that it waits. */
function Standing({ action }: { action: Action }) {
  if (action.status === 'proposed') return <Postponed action={action} />
  const { says } = ACTION_STATUS[action.status]
  return (
    <p className="text-sm">
      {says}
      {action.status_reason && <span className="text-soft"> {action.status_reason}</span>}
      {action.approved_by && action.decided_at && (
        <span className="text-soft">
          {' '}
          Approved by {action.approved_by} at <Moment at={action.decided_at} className="tabular" />.
        </span>
      )}
    </p>
  )
}

const Postponed = ({ action }: { action: Action }) =>
  action.postponed_until && (
    <p className="text-sm text-amber">
      Postponed until <Moment at={action.postponed_until} className="tabular" />. It can be decided earlier.
      {action.status_reason && <span className="text-soft"> {action.status_reason}</span>}
    </p>
  )

/** Why this; what it is for is not told twice. */
function Rationale({ action, cause }: Props) {
  const repeats = Boolean(cause) && action.rationale.startsWith(cause ?? '')
  const own = repeats ? action.rationale.slice(cause?.length).replace(/^\s*\(\w+\)/, '') : action.rationale
  if (!action.rationale) return null
  return (
    <p className="max-w-[42rem] prose-margin text-sm wrap-anywhere text-soft">
      {repeats && (
        <a href="#cause" className="text-accent underline underline-offset-2">
          It answers the cause above.
        </a>
      )}{' '}
      {inWords(own.trim())}
      {action.evidence.length > 0 && (
        <span className="font-mono text-xs text-accent"> {action.evidence.join(' ')}</span>
      )}
    </p>
  )
}
