// What is hidden for this team besides what everybody would call a secret.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { deleteSecretPattern, secretPatternsQuery } from '../api/model'
import { wording } from '../api/problem'
import type { SecretPattern } from '../api/types'
import { RowSkeletons } from '../components/incident/row'
import { SecretDialog } from '../components/model/secret-dialog'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { SureButton } from '../ui/sure'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

export default function SecretPatternsPage() {
  const asked = useQuery(secretPatternsQuery(useApi()))
  const { data } = asked
  const [adding, setAdding] = useState(false)
  const may = useMay('team.write')
  useTitle('Secret patterns')
  const add = (
    <Button look="primary" refused={may.refused} onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" />
      Add a pattern
    </Button>
  )
  return (
    <>
      <PageHead
        title="Secret patterns"
        says="Keys, tokens, passwords, cookies, private keys and card numbers are always hidden before anything is stored or sent to a model. These patterns hide what only your team knows to be a secret."
        action={may.allowed && add}
      />
      <Loading query={asked} what="secret patterns">
        <RowSkeletons rows={3} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="Nothing more is hidden">
          Customer numbers, contract ids, names of hosts that nobody outside should read: a pattern hides them
          in evidence, prompts, answers, reports and post-mortems.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="border-t">
          {data.map((pattern) => (
            <Row key={pattern.id} pattern={pattern} />
          ))}
        </ul>
      )}
      {adding && <SecretDialog onClose={() => setAdding(false)} />}
    </>
  )
}

function Row({ pattern }: { pattern: SecretPattern }) {
  const api = useApi()
  const { refused } = useMay('team.write')
  const client = useQueryClient()
  const toast = useToast()
  const remove = useMutation({
    mutationFn: () => deleteSecretPattern(api, pattern.id),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.secretPatterns }),
  })
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium wrap-anywhere">{pattern.name}</p>
        <p className="mt-0.5 font-mono text-xs wrap-anywhere text-soft">{pattern.pattern}</p>
        <p className="mt-0.5 label">
          by {pattern.created_by} <Ago at={pattern.created_at} />
        </p>
      </div>
      <SureButton
        refused={refused}
        sure="New text is shown again"
        busy={remove.isPending}
        icon={<Trash2 aria-hidden className="size-3.5" />}
        onSure={() => remove.mutate()}
      >
        Remove
      </SureButton>
    </li>
  )
}
