// A new token in the place of one that leaked or grew old, with a time in which both are taken.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { rotateIntegration } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Integration } from '../../api/types'
import { Field, Select } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { ShownOnce } from './once'

const HOUR = 3600
const OVERLAPS: Record<number, { label: string; says: string }> = {
  [HOUR]: { label: '1 hour', says: 'Both addresses are taken for an hour.' },
  [24 * HOUR]: { label: '1 day', says: 'Both addresses are taken for a day.' },
  [7 * 24 * HOUR]: { label: '7 days', says: 'Both addresses are taken for a week.' },
  0: {
    label: 'None: the old one has leaked',
    says: 'The old address is refused at once; alerts sent to it are lost until Alertmanager has the new one.',
  },
}

export function RotateIntegration({
  integration,
  onClose,
}: {
  integration: Integration
  onClose: () => void
}) {
  const [overlap, setOverlap] = useState(HOUR)
  const api = useApi()
  const client = useQueryClient()
  const rotate = useMutation({
    mutationFn: () => rotateIntegration(api, integration.id, overlap),
    onSettled: () => client.invalidateQueries({ queryKey: keys.integrations }),
  })
  if (rotate.data) {
    return <ShownOnce made={rotate.data} title={`${integration.name} has a new address`} onClose={onClose} />
  }
  return (
    <FormDialog
      title={`New address for ${integration.name}?`}
      says="It gets a new token. The old one ends after the overlap."
      verb="Make a new address"
      busy={rotate.isPending}
      danger={overlap === 0}
      failed={rotate.error && { title: 'Nothing was changed', says: wording(rotate.error) }}
      onSend={() => rotate.mutate()}
      onClose={onClose}
    >
      <Field label="Overlap" hint={OVERLAPS[overlap]?.says}>
        {(control) => (
          <Select {...control} value={overlap} onChange={({ target }) => setOverlap(Number(target.value))}>
            {[HOUR, 24 * HOUR, 7 * 24 * HOUR, 0].map((seconds) => (
              <option key={seconds} value={seconds}>
                {OVERLAPS[seconds]?.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  )
}
