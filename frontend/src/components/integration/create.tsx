// Making an integration: a name, then the token, once, with the configuration it goes into.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { createIntegration } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { CreatedIntegration } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { absolute, alertmanagerSnippet } from './snippet'

export function CreateIntegration({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () => createIntegration(api, { kind: 'alertmanager', name: name.trim() }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.integrations }),
  })
  if (create.data) return <Created made={create.data} onClose={onClose} />
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

function Created({ made, onClose }: { made: CreatedIntegration; onClose: () => void }) {
  const url = absolute(made.url, location.origin)
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`${made.name} is ready`}
      footer={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <Banner tone="amber" className="mb-4" title="Copy it now">
        The address holds the token and is shown only this once. Nightdesk keeps a hash.
      </Banner>
      <div className="flex flex-col gap-3">
        <Snippet label="Webhook address" text={url} wrap />
        <Snippet label="alertmanager.yml" text={alertmanagerSnippet(url)} />
      </div>
    </Dialog>
  )
}
