// Attempts to sign in, and the addresses that are shut out because of them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { attemptsQuery, blockedQuery, letIn } from '../api/admin'
import { useApi } from '../api/context'
import type { AttemptFilter } from '../api/queries'
import type { BlockedAddress, SignInAttempt } from '../api/types'
import { OUTCOME, OUTCOMES, readAttemptSearch } from '../components/admin/attempts'
import { deviceWords } from '../components/account/device'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { answerOf } from '../components/trouble'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { useRun } from '../components/team/run'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { Field, Input, Select } from '../ui/field'
import { Section } from '../ui/section'
import { SkeletonLines } from '../ui/skeleton'
import { SureButton } from '../ui/sure'
import { Dot } from '../ui/tag'
import { Ago, Moment } from '../ui/when'

const route = getRouteApi('/app/admin/sign-ins')

export default function AdminSignInsPage() {
  useTitle('Sign-ins')
  return (
    <>
      <PageHead
        title="Sign-ins"
        says="Who tried to get in. After failed tries an account waits, then its browser has to work, then the address is shut out."
      />
      <Blocked />
      <Attempts />
    </>
  )
}

function Blocked() {
  const asked = useQuery(blockedQuery(useApi()))
  const { data } = asked
  return (
    <Section title="Blocked addresses" aside={data && data.length > 0 && `${data.length}`}>
      <Loading query={asked} what="blocked addresses" small>
        <SkeletonLines lines={2} />
      </Loading>
      {data?.length === 0 && <p className="text-sm text-soft">No address is shut out.</p>}
      <ul>
        {data?.map((blocked) => (
          <BlockedRow key={blocked.ip_address} blocked={blocked} />
        ))}
      </ul>
    </Section>
  )
}

function BlockedRow({ blocked }: { blocked: BlockedAddress }) {
  const api = useApi()
  const run = useRun()
  const may = useMay('abuse.write')
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-mono text-sm wrap-anywhere">{blocked.ip_address}</p>
        <p className="label wrap-anywhere">
          {blocked.reason} · by {blocked.created_by} <Ago at={blocked.created_at} />
          {' · '}
          {blocked.blocked_until ? (
            <>
              ends <Ago at={blocked.blocked_until} />
            </>
          ) : (
            'until somebody lets it in'
          )}
        </p>
      </div>
      <SureButton
        sure="It may try again at once"
        refused={may.refused}
        busy={run.isPending}
        onSure={() => run.mutate(() => letIn(api, blocked.ip_address))}
      >
        Let it in
      </SureButton>
    </li>
  )
}

function Attempts() {
  const search = route.useSearch()
  const list = useInfiniteQuery(attemptsQuery(useApi(), search))
  const attempts = answerOf(list)?.pages.flatMap((page) => page.items)
  return (
    <Section title="Attempts">
      <Filters search={search} />
      <Loading query={list} what="attempts" small>
        <RowSkeletons rows={6} />
      </Loading>
      {attempts?.length === 0 && <Empty title="Nobody tried that fits">Ask for less.</Empty>}
      <ul aria-busy={list.isPlaceholderData}>
        {attempts?.map((attempt) => (
          <AttemptRow key={attempt.id} attempt={attempt} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older
        </Button>
      )}
    </Section>
  )
}

const AttemptRow = ({ attempt }: { attempt: SignInAttempt }) => (
  <li className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 border-b py-2 last:border-b-0 md:grid-cols-[9rem_minmax(0,1fr)_9rem_minmax(0,16rem)]">
    <Moment at={attempt.created_at} className="order-2 text-right label tabular md:order-none md:text-left" />
    <span className="truncate font-medium">{attempt.email || 'no address given'}</span>
    <Dot tone={OUTCOME[attempt.outcome].tone} className="order-3 md:order-none">
      {OUTCOME[attempt.outcome].label}
    </Dot>
    <span
      title={attempt.user_agent ?? undefined}
      className="order-4 truncate text-soft max-md:text-right md:order-none"
    >
      <span className="font-mono text-xs">{attempt.ip_address}</span>{' '}
      {[attempt.city, attempt.country].filter(Boolean).join(', ')}
      <span className="max-md:hidden"> {deviceWords(attempt.user_agent)}</span>
    </span>
  </li>
)

function Filters({ search }: { search: AttemptFilter }) {
  const [draft, setDraft] = useState<Record<string, string | undefined>>({ ...search })
  const navigate = route.useNavigate()
  const box = (name: 'email' | 'ip_address', label: string, longest: number) => (
    <Field label={label} className="min-w-0">
      {(control) => (
        <Input
          {...control}
          maxLength={longest}
          placeholder="Any"
          value={draft[name] ?? ''}
          onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
        />
      )}
    </Field>
  )
  return (
    <form
      role="search"
      className="mb-3 grid grid-cols-2 items-end gap-3 md:grid-cols-[1fr_12rem_11rem_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ search: readAttemptSearch(draft) })
      }}
    >
      {box('email', 'E-mail', 254)}
      {box('ip_address', 'Address', 60)}
      <Field label="Outcome" className="min-w-0">
        {(control) => (
          <Select
            {...control}
            value={draft.outcome ?? ''}
            onChange={({ target }) => setDraft({ ...draft, outcome: target.value })}
          >
            <option value="">any</option>
            {OUTCOMES.map((outcome) => (
              <option key={outcome} value={outcome}>
                {OUTCOME[outcome].label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" size="field">
        Show
      </Button>
    </form>
  )
}
