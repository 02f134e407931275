// Making an API key: what it may do, until when; then the key, once.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { createApiKey } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { meQuery, permissionsQuery } from '../../api/queries'
import type { CreatedApiKey } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { Field, Input, Select, Tick } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { SkeletonLines } from '../../ui/skeleton'
import { Loading } from '../loading'

const LIVES: Record<string, number | null> = {
  '30 days': 30,
  '90 days': 90,
  'one year': 365,
  'until it is revoked': null,
}
const DAY_MS = 86_400_000

const endOf = (life: string, now: number): string | null => {
  const days = LIVES[life] ?? null
  return days === null ? null : new Date(now + days * DAY_MS).toISOString()
}

export function CreateApiKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [life, setLife] = useState('90 days')
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () => createApiKey(api, { name: name.trim(), scopes, expires_at: endOf(life, Date.now()) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  })
  if (create.data) return <Created made={create.data} onClose={onClose} />
  const missing = !name.trim() ? 'Give it a name.' : scopes.length === 0 ? 'Choose what it may do.' : null
  return (
    <FormDialog
      wide
      title="Make an API key"
      says="For a program. It has only what you choose, and never decides about actions."
      verb="Make it"
      busy={create.isPending}
      missing={missing}
      failed={create.error && { title: 'Not made', says: wording(create.error) }}
      onSend={() => create.mutate()}
      onClose={onClose}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Name" hint="Which program has it.">
          {(control) => (
            <Input
              {...control}
              autoFocus
              maxLength={100}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label="Good for">
          {(control) => (
            <Select {...control} value={life} onChange={({ target }) => setLife(target.value)}>
              {Object.keys(LIVES).map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Scopes chosen={scopes} onChange={setScopes} />
    </FormDialog>
  )
}

interface ScopesProps {
  chosen: string[]
  onChange: (scopes: string[]) => void
}

/** Of what may be given, what the maker has. */
function Scopes({ chosen, onChange }: ScopesProps) {
  const api = useApi()
  const asked = useQuery(permissionsQuery(api))
  const who = useQuery(meQuery(api))
  const [{ data }, { data: me }] = [asked, who]
  if (!data || !me)
    return (
      <Loading query={data ? who : asked} what="permissions">
        <SkeletonLines lines={5} />
      </Loading>
    )
  const offered = data.permissions.filter(({ name, grantable }) => grantable && me.permissions.includes(name))
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">It may</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {offered.map(({ name, description }) => (
          <Tick
            key={name}
            label={description}
            hint={name}
            checked={chosen.includes(name)}
            onChange={(on) => onChange(on ? [...chosen, name] : chosen.filter((other) => other !== name))}
          />
        ))}
      </div>
    </fieldset>
  )
}

const Created = ({ made, onClose }: { made: CreatedApiKey; onClose: () => void }) => (
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
      The key is shown only this once. Nightdesk keeps a hash.
    </Banner>
    <div className="flex flex-col gap-3">
      <Snippet label="API key" text={made.key} wrap />
      <Snippet label="Try it" text={`curl -H 'X-API-Key: ${made.key}' ${location.origin}/api/me`} wrap />
    </div>
  </Dialog>
)
