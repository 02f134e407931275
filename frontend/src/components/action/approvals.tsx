// Who has approved so far, when more than one must.
import type { Action } from '../../api/types'
import { Moment } from '../../ui/when'

export function Approvals({ action }: { action: Action }) {
  if (action.approvals_needed < 2) return null
  return (
    <p className="text-sm">
      <span className="font-medium tabular">
        {action.approvals.length} of {action.approvals_needed} approvals
      </span>
      <span className="text-soft">
        {action.approvals.length === 0
          ? ' — two different people must approve.'
          : action.approvals.map(({ who, at }) => (
              <span key={who}>
                {' '}
                — {who} at <Moment at={at} className="tabular" />
              </span>
            ))}
      </span>
    </p>
  )
}
