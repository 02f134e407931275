// It is the same trouble as another incident: that one takes over.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { mergeIncident } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import { incidentsQuery } from '../../api/queries'
import type { Incident, IncidentDetail } from '../../api/types'
import { FormDialog } from '../../ui/form-dialog'
import { SkeletonLines } from '../../ui/skeleton'
import { LoadError } from '../page'
import { Reason } from './split'
import { OPEN } from './words'

interface Props {
  incident: IncidentDetail
  /** With the id of the incident that goes on. */
  onDone: (id: string) => void
  onClose: () => void
}

export function MergeDialog({ incident, onDone, onClose }: Props) {
  const [into, setInto] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const api = useApi()
  const client = useQueryClient()
  const merge = useMutation({
    mutationFn: (target: string) => mergeIncident(api, incident.id, target, reason.trim()),
    onSuccess: ({ id }) => onDone(id),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <FormDialog
      title={`Merge #${incident.number} into another?`}
      says="This one ends. The other takes its alerts and goes on."
      verb="Merge"
      busy={merge.isPending}
      missing={into === null ? 'Choose the incident that goes on.' : null}
      failed={merge.error && { title: 'Not merged', says: wording(merge.error) }}
      onSend={() => into !== null && merge.mutate(into)}
      onClose={onClose}
    >
      <Others except={incident.id} chosen={into} onChoose={setInto} />
      <Reason value={reason} onChange={setReason} />
    </FormDialog>
  )
}

interface OthersProps {
  except: string
  chosen: string | null
  onChoose: (id: string) => void
}

/** The newest page of those that are open: what belongs together happens at the same time. */
function Others({ except, chosen, onChoose }: OthersProps) {
  const { data, error, refetch } = useInfiniteQuery(incidentsQuery(useApi(), { status: OPEN }))
  const others: Incident[] = (data?.pages[0]?.items ?? []).filter(({ id }) => id !== except)
  if (error && !data) return <LoadError error={error} retry={() => void refetch()} />
  if (!data) return <SkeletonLines lines={3} />
  if (others.length === 0) return <p className="text-sm text-soft">No other incident is open.</p>
  return (
    <fieldset className="max-h-72 overflow-y-auto">
      <legend className="mb-1 text-sm font-medium">What goes on</legend>
      {others.map((other) => (
        <label key={other.id} className="flex cursor-pointer items-start gap-2.5 py-1.5">
          <input
            type="radio"
            name="into"
            checked={chosen === other.id}
            onChange={() => onChoose(other.id)}
            className="mt-0.5 size-4 accent-accent-fill"
          />
          <span className="min-w-0 text-sm">
            <span className="block font-medium wrap-anywhere">
              <span className="font-normal text-faint tabular">#{other.number}</span> {other.title}
            </span>
            <span className="block font-mono text-xs wrap-anywhere text-soft">{other.target}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
