// Making an integration: a name, then the token, once, with the configuration it goes into.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { createIntegration } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { ShownOnce } from './once'

export function CreateIntegration({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () => createIntegration(api, { kind: 'alertmanager', name: name.trim() }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.integrations }),
  })
  if (create.data)
    return <ShownOnce made={create.data} title={`${create.data.name} is ready`} onClose={onClose} />
  return (
    <FormDialog
      title="Connect an Alertmanager"
      says="It gets an address of its own to send alerts to."
      verb="Create"
      busy={create.isPending}
      missing={name.trim() ? null : 'Give it a name.'}
      failed={create.error && { title: 'Not created', says: wording(create.error) }}
      onSend={() => create.mutate()}
      onClose={onClose}
    >
      <Field label="Name" hint="Where it runs, for example: production cluster.">
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={200}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  )
}
