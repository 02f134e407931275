// Actions of this incident before the current one.
import type { Action } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Section } from '../../ui/section'
import { Dot } from '../../ui/tag'
import { VERIFICATION } from '../incident/words'
import { Exact } from './exact'
import { Outcome } from './outcome'
import { ACTION_STATUS } from './words'

export function Earlier({ actions }: { actions: Action[] }) {
  if (actions.length === 0) return null
  return (
    <Section title="What was tried or proposed before">
      {actions.map((action) => (
        <Disclosure key={action.id} summary={<Summary action={action} />}>
          <div className="flex flex-col gap-3">
            <Exact action={action} />
            <Outcome action={action} />
          </div>
        </Disclosure>
      ))}
    </Section>
  )
}

const Summary = ({ action }: { action: Action }) => (
  <span className="flex flex-wrap items-baseline gap-x-3">
    <span className="font-medium">{action.title}</span>
    <Dot tone={ACTION_STATUS[action.status].tone}>{ACTION_STATUS[action.status].label}</Dot>
    {action.verification && (
      <Dot tone={VERIFICATION[action.verification].tone}>{VERIFICATION[action.verification].label}</Dot>
    )}
    {action.status_reason && <span className="basis-full text-soft">{action.status_reason}</span>}
  </span>
)
