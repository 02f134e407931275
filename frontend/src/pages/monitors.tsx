// What is watched, those in trouble first.
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/context'
import { monitorsQuery } from '../api/queries'
import type { Monitor, MonitorStatus } from '../api/types'
import { RowSkeletons } from '../components/incident/row'
import { MonitorDialog } from '../components/monitor/dialog'
import { MonitorRow } from '../components/monitor/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'

const ORDER: Record<MonitorStatus, number> = { down: 0, unknown: 1, pending: 2, up: 3, paused: 4 }

const sorted = (monitors: Monitor[]) =>
  [...monitors].sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name))

export default function MonitorsPage() {
  const asked = useQuery(monitorsQuery(useApi()))
  const { data } = asked
  const [creating, setCreating] = useState(false)
  const may = useMay('monitor.write')
  useTitle('Monitors')
  return (
    <>
      <PageHead
        title="Monitors"
        says="Addresses that are checked again and again. One that goes down opens an incident; when it is up again, the incident resolves."
        action={
          <Button look="primary" refused={may.refused} onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" />
            Watch an address
          </Button>
        }
      />
      <Loading query={asked} what="monitors">
        <RowSkeletons rows={6} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="Nothing is watched yet">
          Give Nightdesk an address, and it tells you before your users do.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {sorted(data).map((monitor) => (
            <MonitorRow key={monitor.id} monitor={monitor} mayWrite={may.allowed} />
          ))}
        </ul>
      )}
      {creating && <MonitorDialog onClose={() => setCreating(false)} />}
    </>
  )
}
