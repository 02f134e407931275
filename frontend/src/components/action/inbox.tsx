// What waits for a decision, the soonest to expire first.
import { Link } from '@tanstack/react-router'
import type { Action } from '../../api/types'
import { Chip } from '../../ui/tag'
import { SeverityMark } from '../incident/marks'
import { Expiry } from './expiry'
import { RISK } from './words'

const deadline = (action: Action) =>
  action.expires_at ? Date.parse(action.expires_at) : Number.MAX_SAFE_INTEGER

export const bySoonest = (actions: Action[]): Action[] =>
  [...actions].sort((a, b) => deadline(a) - deadline(b))

export const InboxRows = ({ actions }: { actions: Action[] }) => (
  <ul>
    {bySoonest(actions).map((action) => (
      <Row key={action.id} action={action} />
    ))}
  </ul>
)

function Row({ action }: { action: Action }) {
  return (
    <li className="border-b last:border-b-0">
      <Link
        to="/incidents/$incidentId"
        params={{ incidentId: action.incident_id }}
        data-row
        className="-mx-2 grid grid-cols-[1.25rem_1fr_auto] gap-x-3 gap-y-0.5 rounded-md px-2 py-2.5 hover:bg-hover focus-visible:bg-hover"
      >
        {action.incident ? <SeverityMark severity={action.incident.severity} /> : <span />}
        <span className="min-w-0">
          <span className="block font-medium wrap-anywhere md:truncate">{action.title}</span>
          <span className="line-clamp-2 wrap-anywhere text-soft md:block md:truncate">
            <span className="font-mono text-xs">{action.target}</span>
            {action.incident && ` — #${action.incident.number} ${action.incident.title}`}
          </span>
        </span>
        <span className="flex flex-col items-end gap-1 text-sm whitespace-nowrap">
          {action.expires_at && <Expiry at={action.expires_at} />}
          <span className="flex items-center gap-2">
            {action.approvals_needed > 1 && (
              <span className="label tabular">
                {action.approvals.length} of {action.approvals_needed}
              </span>
            )}
            {action.verbs.approve.allowed ? (
              <Chip tone={RISK[action.risk].tone}>{RISK[action.risk].label}</Chip>
            ) : (
              <span className="label" title={action.verbs.approve.reason ?? undefined}>
                not yours to decide
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  )
}
