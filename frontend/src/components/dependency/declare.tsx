// Declaring that one thing needs another.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { declareDependency } from '../../api/correlation'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'

interface Props {
  /** Names that are known already. */
  names: string[]
  onClose: () => void
}

const LIST = 'dependency-names'

export function DeclareDependency({ names, onClose }: Props) {
  const [target, setTarget] = useState('')
  const [needs, setNeeds] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const declare = useMutation({
    mutationFn: () => declareDependency(api, { target: target.trim(), depends_on: needs.trim() }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.dependencies }),
  })
  const name = (label: string, hint: string, value: string, set: (value: string) => void, first = false) => (
    <Field label={label} hint={hint}>
      {(control) => (
        <Input
          {...control}
          autoFocus={first}
          maxLength={300}
          list={LIST}
          spellCheck={false}
          autoComplete="off"
          className="font-mono"
          value={value}
          onChange={({ target: field }) => set(field.value)}
        />
      )}
    </Field>
  )
  return (
    <FormDialog
      title="Declare a dependency"
      says="When both are in trouble, their alerts become one incident."
      verb="Declare"
      busy={declare.isPending}
      missing={target.trim() && needs.trim() ? null : 'Name both.'}
      failed={declare.error && { title: 'Not declared', says: wording(declare.error) }}
      onSend={() => declare.mutate()}
      onClose={onClose}
    >
      {name(
        'This',
        'A container, workload or database, or project/service of a compose project.',
        target,
        setTarget,
        true,
      )}
      {name('needs this', 'As incidents name it.', needs, setNeeds)}
      <datalist id={LIST}>
        {names.map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
    </FormDialog>
  )
}
