// It is the same trouble as another incident: that one takes over.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { mergeIncident } from '../../api/correlation'
import { wording } from '../../api/problem'
import { incidentsQuery, similarQuery } from '../../api/queries'
import type { Incident, IncidentDetail } from '../../api/types'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/form-dialog'
import { SearchInput } from '../../ui/search'
import { useSettled } from '../../ui/settled'
import { SkeletonLines } from '../../ui/skeleton'
import { Chip } from '../../ui/tag'
import { Ago } from '../../ui/when'
import { Loading } from '../loading'
import { answerOf } from '../trouble'
import { SeverityMark } from './marks'
import { Reason } from './split'
import { OPEN } from './words'

interface Props {
  incident: IncidentDetail
  /** With the id of the incident that goes on. */
  onDone: (id: string) => void
  onClose: () => void
}

export function MergeDialog({ incident, onDone, onClose }: Props) {
  const [into, setInto] = useState<Incident | null>(null)
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
      verb={into ? `Merge into #${into.number}` : 'Merge'}
      busy={merge.isPending}
      missing={into === null ? 'Choose the incident to merge into.' : null}
      failed={merge.error && { title: 'Not merged', says: wording(merge.error) }}
      onSend={() => into !== null && merge.mutate(into.id)}
      onClose={onClose}
    >
      <Others except={incident.id} chosen={into} onChoose={setInto} />
      <Reason value={reason} onChange={setReason} />
    </FormDialog>
  )
}

interface OthersProps {
  except: string
  chosen: Incident | null
  onChoose: (incident: Incident) => void
}

/** Those that are open: such as look like this one first, then the newest, for what belongs together happens at the same time. */
function Others({ except, chosen, onChoose }: OthersProps) {
  const [words, setWords] = useState('')
  const q = useSettled(words.trim())
  const list = useInfiniteQuery(incidentsQuery(useApi(), { status: OPEN, ...(q ? { q } : {}) }))
  const similar = useQuery(similarQuery(useApi(), except))
  const alike = new Set(similar.data?.map(({ incident }) => incident.id))
  const others = answerOf(list)
    ?.pages.flatMap((page) => page.items)
    .filter(({ id }) => id !== except)
  // Nothing moves under the finger that is about to choose.
  const found = !similar.isPending &&
    others && [...others.filter(({ id }) => alike.has(id)), ...others.filter(({ id }) => !alike.has(id))]
  return (
    <fieldset aria-busy={list.isPlaceholderData}>
      <legend className="mb-1 text-sm font-medium">Merge into</legend>
      <SearchInput
        autoFocus
        aria-label="Find an incident"
        placeholder="Title, target, cause or #number"
        maxLength={200}
        className="mb-2"
        value={words}
        onChange={({ target }) => setWords(target.value)}
        onKeyDown={(event) => {
          // It finds; it does not send.
          if (event.key === 'Enter') event.preventDefault()
        }}
      />
      <Loading query={list} what="open incidents">
        <SkeletonLines lines={3} />
      </Loading>
      {others && similar.isPending && <SkeletonLines lines={3} />}
      {found && found.length === 0 && (
        <p className="text-sm text-soft">{q ? 'No open incident matches.' : 'No other incident is open.'}</p>
      )}
      <div className="-mx-1 max-h-72 overflow-y-auto px-1">
        {found &&
          found.map((other) => (
            <Choice
              key={other.id}
              incident={other}
              alike={alike.has(other.id)}
              chosen={chosen?.id === other.id}
              onChoose={onChoose}
            />
          ))}
        {list.hasNextPage && (
          <Button
            look="ghost"
            size="sm"
            busy={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </fieldset>
  )
}

interface ChoiceProps {
  incident: Incident
  alike: boolean
  chosen: boolean
  onChoose: (incident: Incident) => void
}

const Choice = ({ incident, alike, chosen, onChoose }: ChoiceProps) => (
  <label className="flex cursor-pointer items-start gap-2.5 rounded-md py-1.5 has-checked:bg-accent-wash">
    <input
      type="radio"
      name="into"
      checked={chosen}
      onChange={() => onChoose(incident)}
      className="mt-0.5 ml-1 size-4 shrink-0 accent-accent-fill"
    />
    <span className="min-w-0 flex-1 text-sm">
      <span className="block font-medium wrap-anywhere">
        <span className="font-normal text-faint tabular">#{incident.number}</span> {incident.title}
      </span>
      <span className="flex flex-wrap items-center gap-x-3 text-xs text-soft">
        <SeverityMark severity={incident.severity} />
        <span className="font-mono wrap-anywhere">{incident.target}</span>
        <span className="tabular">
          began <Ago at={incident.started_at} />
        </span>
        {alike && <Chip tone="accent">looks alike</Chip>}
      </span>
    </span>
  </label>
)
