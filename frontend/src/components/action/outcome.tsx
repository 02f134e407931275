// What came of it: the runner's result, then the checks that say whether the service recovered.
import { Check, Minus, X } from 'lucide-react'
import type { Action, Check as Probe } from '../../api/types'
import { Banner } from '../../ui/banner'
import { useSecond } from '../../ui/now'
import { elapsed } from '../../ui/time'
import { Dot } from '../../ui/tag'
import { VERIFICATION } from '../incident/words'

export function Outcome({ action }: { action: Action }) {
  return (
    <>
      {(action.result ?? action.error) && <Result action={action} />}
      {action.status === 'executing' && action.started_at && <Running since={action.started_at} />}
      {action.finished_at && !action.verification && action.status !== 'failed' && (
        <Settling action={action} />
      )}
      {action.verification && <Verified action={action} />}
    </>
  )
}

const Result = ({ action }: { action: Action }) => (
  <div>
    <p className="mb-1 label">{action.error ? 'Error' : 'Result'}</p>
    <pre
      tabIndex={0}
      className="max-h-64 overflow-auto rounded bg-sunken px-2 py-1.5 font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap"
    >
      {action.error ?? action.result}
    </pre>
  </div>
)

function Running({ since }: { since: string }) {
  const now = useSecond()
  return (
    <Dot tone="accent" live className="text-sm tabular">
      Running for {elapsed(now - Date.parse(since))}
    </Dot>
  )
}

function Settling({ action }: { action: Action }) {
  const now = useSecond()
  const past = Math.max(0, (now - Date.parse(action.finished_at ?? '')) / 1000)
  const share = Math.min(1, past / Math.max(1, action.settle_seconds))
  return (
    <div className="text-sm">
      <Dot tone="accent" live>
        Checking whether it recovered
      </Dot>
      <div className="mt-2 h-1 overflow-hidden rounded bg-line" aria-hidden>
        <div
          className="h-full bg-accent transition-[width] duration-1000 ease-linear"
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p className="mt-1 label tabular">
        {Math.min(Math.floor(past), action.settle_seconds)} of {action.settle_seconds} s watched
      </p>
      <Checks checks={action.verification_detail?.checks ?? []} />
    </div>
  )
}

function Verified({ action }: { action: Action }) {
  if (!action.verification) return null
  const { label, tone, says } = VERIFICATION[action.verification]
  return (
    <div>
      <Banner tone={tone} title={label}>
        {says}
      </Banner>
      <Checks checks={action.verification_detail?.checks ?? []} />
    </div>
  )
}

const Checks = ({ checks }: { checks: Probe[] }) => (
  <ul className="mt-2 flex flex-col gap-1.5 text-sm">
    {checks.map((check) => (
      <li key={check.name} className="grid grid-cols-[1.25rem_1fr] items-baseline">
        <Mark ok={check.ok} />
        <span>
          <span className="font-medium">{check.name}</span> <span className="text-soft">{check.detail}</span>
        </span>
      </li>
    ))}
  </ul>
)

function Mark({ ok }: { ok: boolean | null }) {
  if (ok === null) return <Minus aria-label="could not tell" className="size-3.5 self-center text-amber" />
  return ok ? (
    <Check aria-label="passed" className="size-3.5 self-center text-green" />
  ) : (
    <X aria-label="did not pass" className="size-3.5 self-center text-red" />
  )
}
