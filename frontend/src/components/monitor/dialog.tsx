// Watching an HTTP address, or changing how it is watched.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changeMonitor, createMonitor } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Monitor } from '../../api/types'
import { FormDialog } from '../../ui/form-dialog'
import { EMPTY, changedMonitor, draftOf, missingIn, newMonitor } from './draft'
import { MonitorFields } from './fields'
import { readStatusSet } from './status-set'

interface Props {
  /** Absent: a new one. */
  monitor?: Monitor
  onClose: () => void
}

export function MonitorDialog({ monitor, onClose }: Props) {
  const [draft, setDraft] = useState(monitor ? draftOf(monitor) : EMPTY)
  const api = useApi()
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      monitor
        ? changeMonitor(api, monitor.id, changedMonitor(draft, monitor))
        : createMonitor(api, newMonitor(draft)),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.monitors }),
  })
  return (
    <FormDialog
      title={monitor ? `Change ${monitor.name}` : 'Watch an address'}
      says={
        monitor
          ? 'It counts from the next check on; the history stays.'
          : 'It is checked from where Nightdesk runs. Two failures in a row open an incident.'
      }
      verb={monitor ? 'Save' : 'Start watching'}
      busy={save.isPending}
      missing={missingIn(draft)}
      failed={save.error && { title: 'Not saved', says: wording(save.error) }}
      onSend={() => save.mutate()}
      onClose={onClose}
    >
      <MonitorFields
        draft={draft}
        set={(change) => setDraft({ ...draft, ...change })}
        badSet={!readStatusSet(draft.expected)}
      />
    </FormDialog>
  )
}
