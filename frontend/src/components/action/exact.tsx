// Exactly what an action is: the facts its digest is made of, as the server states them.
import { ArrowRight } from 'lucide-react'
import type { Action, Change, Preview } from '../../api/types'
import { Facts, type Fact } from '../../ui/section'
import { ACTION_STATUS } from './words'

/** A call as one would write it: kind(name=value, …). */
export function callText(action: Pick<Action, 'kind' | 'params'>): string {
  const given = Object.entries(action.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `${action.kind}(${given.join(', ')})`
}

const Mono = ({ children }: { children: string }) => (
  <code className="block rounded bg-sunken px-2 py-1.5 font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap">
    {children}
  </code>
)

interface Props {
  action: Action
  /** Also what happens afterwards: checks, undo. */
  whole?: boolean
}

export function Exact({ action, whole }: Props) {
  const { preview } = action
  const facts: (Fact | null)[] = [
    { name: ACTION_STATUS[action.status].run, value: <Mono>{callText(action)}</Mono> },
    { name: 'On', value: <span className="font-mono text-xs">{action.target}</span> },
    preview?.command
      ? { name: 'By hand', value: <code className="font-mono text-xs text-soft">{preview.command}</code> }
      : null,
    preview && { name: 'Changes', value: <Changes preview={preview} /> },
    whole ? { name: 'Checked by', value: <Checked action={action} /> } : null,
    whole ? { name: 'To undo', value: action.inverse || 'It cannot be undone.' } : null,
  ]
  return <Facts facts={facts.filter((fact) => fact !== null)} />
}

const Checked = ({ action }: { action: Action }) => (
  <>
    {action.verify_plan || 'The alert or monitor recovers.'}
    <span className="text-faint"> Watched for {Math.round(action.settle_seconds)} s.</span>
  </>
)

function Changes({ preview }: { preview: Preview }) {
  const { changes = [], warnings = [] } = preview
  return (
    <div>
      {preview.summary && <p>{preview.summary}</p>}
      {changes.length > 0 && (
        <ul className="mt-1 flex flex-col gap-1">
          {changes.map((change) => (
            <BeforeAfter key={change.what} change={change} />
          ))}
        </ul>
      )}
      {warnings.map((warning) => (
        <p key={warning} className="mt-1 text-amber">
          {warning}
        </p>
      ))}
    </div>
  )
}

/** What had no value before is stated, not shown as a change. */
const BeforeAfter = ({ change: { what, before, after } }: { change: Change }) => (
  <li className="flex flex-wrap items-baseline gap-x-2 font-mono text-xs">
    <span className="text-faint">{what}</span>
    {before !== null && (
      <>
        <span className="text-soft">{before}</span>
        <ArrowRight aria-label="becomes" className="size-3 shrink-0 self-center text-faint" />
      </>
    )}
    <span className="font-medium">{after ?? 'none'}</span>
  </li>
)
