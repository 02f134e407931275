// Who may send alerts.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { deleteIntegration } from '../api/commands'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import { integrationsQuery } from '../api/queries'
import type { Integration } from '../api/types'
import { CreateIntegration } from '../components/integration/create'
import { RotateIntegration } from '../components/integration/rotate'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { useNow } from '../ui/now'
import { SureButton } from '../ui/sure'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

const KINDS: Record<string, string> = { alertmanager: 'Alertmanager' }

export default function IntegrationsPage() {
  const asked = useQuery(integrationsQuery(useApi()))
  const { data } = asked
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
      <Loading query={asked} what="integrations">
        <RowSkeletons rows={3} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="Nobody sends alerts yet">
          Connect the Alertmanager you have; its alerts open incidents here.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((integration) => (
            <Row key={integration.id} integration={integration} mayWrite={may.allowed} />
          ))}
        </ul>
      )}
      {creating && <CreateIntegration onClose={() => setCreating(false)} />}
    </>
  )
}

function Row({ integration, mayWrite }: { integration: Integration; mayWrite: boolean }) {
  return (
    <li className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-1 border-b py-3 last:border-b-0 md:grid-cols-[minmax(0,1fr)_8rem_9rem_10rem_auto]">
      <span className="truncate font-medium">{integration.name}</span>
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
      {mayWrite && <Commands integration={integration} />}
      <Overlap until={integration.previous_valid_until} />
    </li>
  )
}

/** While two tokens are taken, whoever looks should know. */
function Overlap({ until }: { until: string | null | undefined }) {
  const now = useNow()
  if (!until || Date.parse(until) <= now) return null
  return (
    <p className="col-span-full text-sm text-amber">
      The address before is taken, too; that ends <Ago at={until} />.
    </p>
  )
}

function Commands({ integration }: { integration: Integration }) {
  const api = useApi()
  const { refused } = useMay('integration.write')
  const client = useQueryClient()
  const toast = useToast()
  const [rotating, setRotating] = useState(false)
  const remove = useMutation({
    mutationFn: () => deleteIntegration(api, integration.id),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.integrations }),
  })
  return (
    <span className="col-span-full flex flex-wrap gap-2 md:col-span-1 md:justify-end">
      <Button size="sm" refused={refused} onClick={() => setRotating(true)}>
        <KeyRound aria-hidden className="size-3.5" />
        New address
      </Button>
      <SureButton
        refused={refused}
        sure="Its alerts are refused from now on"
        busy={remove.isPending}
        icon={<Trash2 aria-hidden className="size-3.5" />}
        onSure={() => remove.mutate()}
      >
        Delete
      </SureButton>
      {rotating && <RotateIntegration integration={integration} onClose={() => setRotating(false)} />}
    </span>
  )
}
