// Who may send alerts.
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/context'
import { integrationsQuery } from '../api/queries'
import type { Integration } from '../api/types'
import { CreateIntegration } from '../components/integration/create'
import { RowSkeletons } from '../components/incident/row'
import { LoadError, PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { Ago } from '../ui/when'

const KINDS: Record<string, string> = { alertmanager: 'Alertmanager' }

export default function IntegrationsPage() {
  const { data, error, isPending, refetch } = useQuery(integrationsQuery(useApi()))
  const [creating, setCreating] = useState(false)
  const may = useMay('integration.write')
  useTitle('Integrations')
  return (
    <>
      <PageHead
        title="Integrations"
        says="Senders of alerts. Each has an address with a token of its own, so that one can be replaced without the others."
        action={
          <Button look="primary" refused={may.refused} onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" />
            Connect an Alertmanager
          </Button>
        }
      />
      {error && <LoadError error={error} retry={() => void refetch()} stale={data !== undefined} />}
      {isPending && <RowSkeletons rows={3} />}
      {data?.length === 0 && (
        <Empty title="Nobody sends alerts yet">
          Connect the Alertmanager you have; its alerts open incidents here.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((integration) => (
            <Row key={integration.id} integration={integration} />
          ))}
        </ul>
      )}
      {creating && <CreateIntegration onClose={() => setCreating(false)} />}
    </>
  )
}

const Row = ({ integration }: { integration: Integration }) => (
  <li className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-0.5 border-b py-3 last:border-b-0 md:grid-cols-[1fr_10rem_12rem_10rem]">
    <span className="font-medium">{integration.name}</span>
    <span className="text-right text-soft md:text-left">{KINDS[integration.kind] ?? integration.kind}</span>
    <span className="font-mono text-xs text-soft">{integration.token_prefix}…</span>
    <span className="text-right label">
      {integration.last_used_at ? (
        <>
          last alert <Ago at={integration.last_used_at} />
        </>
      ) : (
        'never used'
      )}
    </span>
  </li>
)
