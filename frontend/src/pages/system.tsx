// Is everything that should run running?
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { systemQuery } from '../api/queries'
import type { Component } from '../api/types'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { Empty } from '../ui/empty'
import { useNow } from '../ui/now'
import { SkeletonLines } from '../ui/skeleton'
import { Dot } from '../ui/tag'
import { span } from '../ui/time'
import type { Tone } from '../ui/tone'
import { Ago } from '../ui/when'

const DOES: Record<string, string> = {
  api: 'answers this page, webhooks and decisions',
  checks: 'runs the monitors',
  agent: 'investigates',
  actions: 'executes and verifies what was approved',
  notify: 'tells people',
}

export default function SystemPage() {
  const api = useApi()
  const asked = useQuery(systemQuery(api))
  const { data, isFetching } = asked
  useTitle('System')
  return (
    <>
      <PageHead
        title="System"
        says={`Version ${api.config.version}, ${api.config.mode === 'embedded' ? 'embedded database' : 'on Supabase'}.`}
        action={
          <Button busy={isFetching} onClick={() => void asked.refetch()}>
            Look again
          </Button>
        }
      />
      <Loading query={asked} what="components">
        <SkeletonLines lines={6} />
      </Loading>
      {data?.components.length === 0 && (
        <Empty title="No component has reported">
          <code className="font-mono">nightdesk doctor</code> says what is missing.
        </Empty>
      )}
      {data && data.components.length > 0 && (
        <ul className="border-t">
          {data.components.map((component) => (
            <Row key={`${component.component} ${component.instance}`} component={component} />
          ))}
        </ul>
      )}
    </>
  )
}

type Standing = 'well' | 'troubled' | 'silent'

const TONE: Record<Standing, Tone> = { well: 'green', troubled: 'amber', silent: 'red' }

function standing({ alive, troubled }: Component): Standing {
  if (!alive) return 'silent'
  return troubled ? 'troubled' : 'well'
}

function Row({ component }: { component: Component }) {
  const now = useNow()
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 border-b py-3 md:grid-cols-[10rem_1fr_8rem_8rem] md:items-baseline">
      <Dot tone={TONE[standing(component)]} className="font-medium">
        {component.component}
      </Dot>
      <span className="order-last col-span-2 min-w-0 text-soft md:order-none md:col-span-1">
        {DOES[component.component]}
        <span className="ml-2 font-mono label wrap-anywhere">{component.instance}</span>
        {component.message !== 'running' && component.message !== '' && (
          <span
            className={cx('block wrap-anywhere first-letter:uppercase', component.troubled && 'text-amber')}
          >
            {component.message}
          </span>
        )}
      </span>
      <span className="hidden label tabular md:block">up {span(now - Date.parse(component.started_at))}</span>
      <span className="text-right label tabular">
        {component.alive ? 'heard ' : 'last heard '}
        <Ago at={component.last_seen} />
      </span>
    </li>
  )
}
