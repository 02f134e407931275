// A person says what the cause was, in place. From then on it stands above what any investigation concludes.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { correctRootCause } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Category, IncidentDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Field, Select, Textarea } from '../../ui/field'
import { useToast } from '../../ui/toast'
import { CATEGORY, isCategory } from './words'

interface Props {
  incident: IncidentDetail
  /** What stands there now. */
  statement: string
  onClose: () => void
}

export function CorrectCause({ incident, statement, onClose }: Props) {
  const [cause, setCause] = useState(statement)
  const [category, setCategory] = useState<Category>(
    incident.incident_type && isCategory(incident.incident_type) ? incident.incident_type : 'unknown',
  )
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  const save = useMutation({
    mutationFn: () => correctRootCause(api, incident.id, cause.trim(), category),
    onSuccess: (corrected) => {
      client.setQueryData(keys.detail(incident.id), corrected)
      toast({ tone: 'green', text: 'Kept. The next incident like this one will know.' })
      onClose()
    },
    onSettled: () =>
      Promise.all(
        [keys.incident(incident.id), keys.incidents].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  })
  return (
    <form
      className="flex max-w-[46rem] flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (cause.trim() && !save.isPending) save.mutate()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      {save.error && (
        <Banner tone="red" urgent title="Not kept">
          {wording(save.error)}
        </Banner>
      )}
      <Field label="What the cause was" hint="In your words. Your name stands beside it.">
        {(control) => (
          <Textarea
            {...control}
            autoFocus
            rows={3}
            maxLength={2000}
            value={cause}
            onChange={({ target }) => setCause(target.value)}
          />
        )}
      </Field>
      <Field label="Kind" className="max-w-64">
        {(control) => (
          <Select
            {...control}
            value={category}
            onChange={({ target }) => isCategory(target.value) && setCategory(target.value)}
          >
            {Object.entries(CATEGORY).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex gap-2">
        <Button
          type="submit"
          look="primary"
          busy={save.isPending}
          refused={cause.trim() ? null : 'Say what the cause was.'}
        >
          Keep it
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  )
}
