// Addresses that repair something: what Nightdesk may propose to call.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { changeHook, deleteHook } from '../api/commands'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import { hooksQuery } from '../api/queries'
import type { Hook } from '../api/types'
import { RISK } from '../components/action/words'
import { HookDialog } from '../components/hook/dialog'
import { RowSkeletons } from '../components/incident/row'
import { categoryLabel } from '../components/incident/words'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Snippet } from '../ui/copy'
import { Disclosure } from '../ui/disclosure'
import { Empty } from '../ui/empty'
import { Facts } from '../ui/section'
import { SureButton } from '../ui/sure'
import { Chip } from '../ui/tag'
import { useToast } from '../ui/toast'

export default function RunbookHooksPage() {
  const asked = useQuery(hooksQuery(useApi()))
  const { data } = asked
  const [creating, setCreating] = useState(false)
  const may = useMay('hook.write')
  useTitle('Runbook hooks')
  return (
    <>
      <PageHead
        title="Runbook hooks"
        says="Addresses of your own that repair something. Nightdesk proposes one when it fits, and calls it only after an approval."
        action={
          <Button look="primary" refused={may.refused} onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" />
            Register a hook
          </Button>
        }
      />
      <Loading query={asked} what="runbook hooks">
        <RowSkeletons rows={3} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="No hook is registered">
          A hook is the way to repair what is no container: a restart script, a feature switch, a failover.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((hook) => (
            <Row key={hook.id} hook={hook} mayWrite={may.allowed} />
          ))}
        </ul>
      )}
      {creating && <HookDialog onClose={() => setCreating(false)} />}
    </>
  )
}

function Row({ hook, mayWrite }: { hook: Hook; mayWrite: boolean }) {
  return (
    <li className="border-b py-1 last:border-b-0">
      <Disclosure
        summary={
          <span className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
            <span className="font-medium">{hook.name}</span>
            <Chip tone={RISK[hook.risk].tone}>{RISK[hook.risk].label}</Chip>
            {!hook.is_active && <Chip>Off</Chip>}
            <span className="basis-full text-soft">{hook.description}</span>
          </span>
        }
      >
        <div className="flex flex-col gap-4">
          <Facts
            facts={[
              {
                name: 'Calls',
                value: <code className="font-mono text-xs">{`${hook.method} ${hook.url}`}</code>,
              },
              {
                name: 'For',
                value: hook.target ? <code className="font-mono text-xs">{hook.target}</code> : 'any target',
              },
              {
                name: 'Helps with',
                value: hook.categories.map(categoryLabel).join(', ') || 'nothing named: it is never proposed',
              },
              { name: 'To undo', value: hook.inverse || 'not stated' },
              {
                name: 'Waits',
                value: `${hook.timeout_seconds} s; watched for ${hook.settle_seconds} s afterwards`,
              },
            ]}
          />
          <Snippet label="Arguments (JSON Schema)" text={JSON.stringify(hook.params_schema, null, 2)} />
          {mayWrite && <Commands hook={hook} />}
        </div>
      </Disclosure>
    </li>
  )
}

function Commands({ hook }: { hook: Hook }) {
  const [editing, setEditing] = useState(false)
  const api = useApi()
  const { refused } = useMay('hook.write')
  const client = useQueryClient()
  const toast = useToast()
  const run = useMutation({
    mutationFn: (command: () => Promise<unknown>) => command(),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.hooks }),
  })
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="sm" refused={refused} onClick={() => setEditing(true)}>
        <Pencil aria-hidden className="size-3.5" />
        Change
      </Button>
      <Button
        size="sm"
        refused={refused}
        busy={run.isPending}
        onClick={() => run.mutate(() => changeHook(api, hook.id, { is_active: !hook.is_active }))}
      >
        {hook.is_active ? 'Switch off' : 'Switch on'}
      </Button>
      <SureButton
        refused={refused}
        sure="Remove it with its secrets"
        icon={<Trash2 aria-hidden className="size-3.5" />}
        onSure={() => run.mutate(() => deleteHook(api, hook.id))}
      >
        Remove
      </SureButton>
      {editing && <HookDialog hook={hook} onClose={() => setEditing(false)} />}
    </div>
  )
}
