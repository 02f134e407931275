// Who did what in the team.
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { exportAudit } from '../api/commands'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { auditQuery } from '../api/queries'
import { DAYS, readAuditSearch, toAuditFilter, type AuditSearch } from '../components/audit/filter'
import { AuditRow } from '../components/audit/row'
import { RowSkeletons } from '../components/incident/row'
import { LoadError, PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { Field, Input, Select } from '../ui/field'
import { save } from '../ui/save'
import { useToast } from '../ui/toast'

const route = getRouteApi('/app/audit')

export default function AuditPage() {
  const search = route.useSearch()
  // Taken when the page opens: a filter that moved with the clock would be another question every minute.
  const [now] = useState(() => Date.now())
  const api = useApi()
  const filter = toAuditFilter(search, now)
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(auditQuery(api, filter))
  const toast = useToast()
  const download = useMutation({
    mutationFn: () => exportAudit(api, filter),
    onSuccess: (csv) => save('audit.csv', csv, 'text/csv'),
    onError: (failed) => toast({ tone: 'red', text: wording(failed) }),
  })
  const entries = data?.pages.flatMap((page) => page.items)
  useTitle('Audit')
  return (
    <>
      <PageHead
        title="Audit"
        says="Who changed what, when and from where. Nothing here can be changed or taken away."
        action={
          <Button busy={download.isPending} onClick={() => download.mutate()}>
            <Download aria-hidden className="size-4" />
            CSV
          </Button>
        }
      />
      <Filters search={search} />
      {error && <LoadError error={error} retry={() => void refetch()} stale={data !== undefined} />}
      {isPending && <RowSkeletons rows={8} />}
      {entries?.length === 0 && (
        <Empty title="Nothing was done that fits">Ask for less, or for a longer time.</Empty>
      )}
      {entries && entries.length > 0 && (
        <ul className="border-t">
          {entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="mt-4" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older
        </Button>
      )}
    </>
  )
}

function Filters({ search }: { search: AuditSearch }) {
  const [draft, setDraft] = useState(search)
  const navigate = useNavigate()
  const set = (change: AuditSearch) => setDraft({ ...draft, ...change })
  const box = (name: 'actor' | 'action' | 'q', label: string, placeholder: string) => (
    <Field label={label} className="min-w-0">
      {(control) => (
        <Input
          {...control}
          maxLength={100}
          placeholder={placeholder}
          value={draft[name] ?? ''}
          onChange={({ target }) => set({ [name]: target.value })}
        />
      )}
    </Field>
  )
  return (
    <form
      className="mb-4 grid grid-cols-2 items-end gap-3 md:grid-cols-[1fr_1fr_1fr_9rem_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ to: '/audit', search: readAuditSearch({ ...draft }) })
      }}
    >
      {box('actor', 'Who', 'Anybody')}
      {box('action', 'What', 'monitor.')}
      {box('q', 'Named', 'Part of a name')}
      <Field label="When" className="min-w-0">
        {(control) => (
          <Select
            {...control}
            value={draft.days ?? ''}
            onChange={({ target }) =>
              setDraft(readAuditSearch({ ...draft, days: target.value ? Number(target.value) : undefined }))
            }
          >
            <option value="">any time</option>
            {Object.entries(DAYS).map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" size="field" className="max-md:col-span-2">
        Show
      </Button>
    </form>
  )
}
