// Keys for programs.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { revokeApiKey } from '../api/commands'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import { apiKeysQuery } from '../api/queries'
import type { ApiKey } from '../api/types'
import { CreateApiKey } from '../components/apikey/create'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { SureButton } from '../ui/sure'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

export default function ApiKeysPage() {
  const asked = useQuery(apiKeysQuery(useApi()))
  const { data } = asked
  const [creating, setCreating] = useState(false)
  const may = useMay('apikey.write')
  useTitle('API keys')
  return (
    <>
      <PageHead
        title="API keys"
        says="For programs that use the API. Each has a few permissions of its own; none decides about actions."
        action={
          <Button look="primary" refused={may.refused} onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" />
            Make a key
          </Button>
        }
      />
      <Loading query={asked} what="API keys">
        <RowSkeletons rows={3} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="No program has a key">
          Make one for each program, so that one can be revoked alone.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((key) => (
            <Row key={key.id} apiKey={key} mayWrite={may.allowed} />
          ))}
        </ul>
      )}
      {creating && <CreateApiKey onClose={() => setCreating(false)} />}
    </>
  )
}

function Row({ apiKey, mayWrite }: { apiKey: ApiKey; mayWrite: boolean }) {
  const api = useApi()
  const { refused } = useMay('apikey.write')
  const client = useQueryClient()
  const toast = useToast()
  const revoke = useMutation({
    mutationFn: () => revokeApiKey(api, apiKey.id),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  })
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium wrap-anywhere">{apiKey.name}</span>
          <span className="font-mono text-xs text-soft">{apiKey.key_prefix}…</span>
        </p>
        <p className="mt-0.5 font-mono text-xs wrap-anywhere text-soft">{apiKey.scopes.join(', ')}</p>
        <p className="mt-0.5 label">
          by {apiKey.creator_name || 'somebody who has left'} <Ago at={apiKey.created_at} />
          {' · '}
          {apiKey.last_used_at ? (
            <>
              last used <Ago at={apiKey.last_used_at} />
            </>
          ) : (
            'never used'
          )}
          {' · '}
          {apiKey.expires_at ? (
            <>
              expires <Ago at={apiKey.expires_at} />
            </>
          ) : (
            'does not expire'
          )}
        </p>
      </div>
      {mayWrite && (
        <SureButton
          refused={refused}
          sure="It is refused from now on"
          busy={revoke.isPending}
          icon={<Trash2 aria-hidden className="size-3.5" />}
          onSure={() => revoke.mutate()}
        >
          Revoke
        </SureButton>
      )}
    </li>
  )
}
