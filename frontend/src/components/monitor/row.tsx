// One monitor: its state, what it watches, how fast it answers, and its last checks.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Pause, Pencil, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { changeMonitor, deleteMonitor } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { monitorChecksQuery } from '../../api/queries'
import type { Monitor, MonitorCheck } from '../../api/types'
import { Button } from '../../ui/button'
import { Disclosure } from '../../ui/disclosure'
import { Facts } from '../../ui/section'
import { Skeleton } from '../../ui/skeleton'
import { SureButton } from '../../ui/sure'
import { Dot } from '../../ui/tag'
import { useTimes } from '../../ui/times'
import { useToast } from '../../ui/toast'
import { TONE } from '../../ui/tone'
import { Ago } from '../../ui/when'
import { cx } from '../../ui/cx'
import { Loading } from '../loading'
import { useMay } from '../permission'
import { MonitorDialog } from './dialog'
import { MONITOR_STATUS, every } from './words'

export function MonitorRow({ monitor, mayWrite }: { monitor: Monitor; mayWrite: boolean }) {
  const [open, setOpen] = useState(false)
  return (
    <li className="border-b py-1 last:border-b-0">
      <Disclosure open={open} onToggle={setOpen} summary={<Summary monitor={monitor} />}>
        {open && (
          <div className="flex flex-col gap-4">
            <LastChecks id={monitor.id} />
            <About monitor={monitor} />
            {mayWrite && <Commands monitor={monitor} />}
          </div>
        )}
      </Disclosure>
    </li>
  )
}

function Summary({ monitor }: { monitor: Monitor }) {
  const { label, tone, says } = MONITOR_STATUS[monitor.is_paused ? 'paused' : monitor.status]
  return (
    <span className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-0.5 md:grid-cols-[5.5rem_minmax(0,14rem)_minmax(0,1fr)_5rem_5rem_6.5rem]">
      <span title={says} className="order-2 text-right md:order-none md:text-left">
        <Dot tone={tone}>{label}</Dot>
      </span>
      <span className="truncate font-medium">{monitor.name}</span>
      <span className="order-3 min-w-0 truncate font-mono text-xs text-soft md:order-none">
        {monitor.address}
      </span>
      <span className="hidden text-right tabular md:block">
        {monitor.last_response_time_ms === null ? '' : `${monitor.last_response_time_ms} ms`}
      </span>
      <span className="hidden text-right tabular md:block" title="Up, over 30 days">
        {monitor.uptime_percentage === null ? '' : `${monitor.uptime_percentage.toFixed(2)} %`}
      </span>
      <span className="order-4 text-right label tabular md:order-none">
        {monitor.last_checked_at ? <Ago at={monitor.last_checked_at} /> : 'not yet'}
      </span>
      {monitor.last_error && monitor.status !== 'up' && (
        <span className="order-5 col-span-full truncate text-red md:col-start-2">{monitor.last_error}</span>
      )}
    </span>
  )
}

const About = ({ monitor }: { monitor: Monitor }) => (
  <Facts
    facts={[
      { name: 'Checked', value: `${every(monitor.interval_seconds)}, waits ${monitor.timeout_seconds} s` },
      {
        name: 'Down after',
        value: `${monitor.failure_threshold} failures in a row; up again after ${monitor.recovery_threshold} successes`,
      },
      { name: 'Opens', value: `an incident of ${monitor.severity} severity` },
    ]}
  />
)

const TONE_OF: Record<MonitorCheck['status'], keyof typeof TONE> = {
  up: 'green',
  down: 'red',
  unknown: 'amber',
}
const SHOWN = 60

function told(check: MonitorCheck, at: string): string {
  const took = check.response_time_ms === null ? null : `${check.response_time_ms} ms`
  return [`${at} ${check.status}`, took, check.error_message].filter(Boolean).join(', ')
}

function LastChecks({ id }: { id: string }) {
  const asked = useQuery(monitorChecksQuery(useApi(), id))
  return (
    <>
      <Loading query={asked} what="last checks" small>
        <Skeleton className="h-10" />
      </Loading>
      {asked.data && <Checks checks={asked.data} />}
    </>
  )
}

function Checks({ checks: newest }: { checks: MonitorCheck[] }) {
  const { clock } = useTimes()
  if (newest.length === 0) return <p className="label">No check has run yet.</p>
  const checks = newest.slice(0, SHOWN).reverse()
  const slowest = Math.max(1, ...checks.map((check) => check.response_time_ms ?? 0))
  return (
    <ol aria-label="Last checks, oldest first" className="flex h-10 items-end gap-px">
      {checks.map((check) => (
        <li
          key={check.checked_at}
          title={told(check, clock(check.checked_at))}
          style={{ height: `${20 + (80 * (check.response_time_ms ?? slowest)) / slowest}%` }}
          className={cx('max-w-2 min-w-px flex-1 rounded-[1px]', TONE[TONE_OF[check.status]].dot)}
        >
          <span className="sr-only">{told(check, clock(check.checked_at))}</span>
        </li>
      ))}
    </ol>
  )
}

function Commands({ monitor }: { monitor: Monitor }) {
  const [editing, setEditing] = useState(false)
  const api = useApi()
  const { refused } = useMay('monitor.write')
  const client = useQueryClient()
  const toast = useToast()
  const run = useMutation({
    mutationFn: (command: () => Promise<unknown>) => command(),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.monitors }),
  })
  const Icon = monitor.is_paused ? Play : Pause
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        size="sm"
        refused={refused}
        busy={run.isPending}
        onClick={() => run.mutate(() => changeMonitor(api, monitor.id, { is_paused: !monitor.is_paused }))}
      >
        <Icon aria-hidden className="size-3.5" />
        {monitor.is_paused ? 'Resume' : 'Pause'}
      </Button>
      {monitor.type === 'http' && (
        <Button size="sm" refused={refused} onClick={() => setEditing(true)}>
          <Pencil aria-hidden className="size-3.5" />
          Change
        </Button>
      )}
      <SureButton
        refused={refused}
        sure="Delete it with its history"
        icon={<Trash2 aria-hidden className="size-3.5" />}
        onSure={() => run.mutate(() => deleteMonitor(api, monitor.id))}
      >
        Delete
      </SureButton>
      {editing && <MonitorDialog monitor={monitor} onClose={() => setEditing(false)} />}
    </div>
  )
}
