// Making a team: a name and a short one for addresses; whoever makes it owns it.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { chooseTeam, makeTeam } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { slugOf } from './slug'

export function MakeTeam({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  /** Null: it follows the name. */
  const [typed, setTyped] = useState<string | null>(null)
  const slug = typed ?? slugOf(name)
  const api = useApi()
  const make = useMutation({
    mutationFn: async () => {
      await makeTeam(api, { name: name.trim(), slug })
      await chooseTeam(api, slug)
    },
    // Loaded anew: nothing of one team may stay on the screen of another.
    onSuccess: () => location.assign('/team'),
  })
  return (
    <FormDialog
      title="Make a team"
      says="You own it. Its incidents, monitors and keys are seen by its members only."
      verb="Make it"
      busy={make.isPending}
      missing={name.trim() ? (slug ? null : 'Give it a short name.') : 'Give it a name.'}
      failed={make.error && { title: 'Not made', says: wording(make.error) }}
      onSend={() => make.mutate()}
      onClose={onClose}
    >
      <Field label="Name">
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
      <Field label="Short name" hint="In addresses: a-z, 0-9 and dashes.">
        {(control) => (
          <Input
            {...control}
            maxLength={63}
            className="font-mono"
            value={slug}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  )
}
