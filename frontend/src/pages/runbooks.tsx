// What to do when: the team's own runbooks, and those that come with Nightdesk.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { FolderInput, Plus } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/context'
import { runbooksQuery } from '../api/queries'
import type { RunbookItem } from '../api/types'
import { RowSkeletons } from '../components/incident/row'
import { categoryLabel } from '../components/incident/words'
import { Loading } from '../components/loading'
import { answerOf } from '../components/trouble'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { RunbookEditor } from '../components/runbook/editor'
import { ImportRunbooks } from '../components/runbook/import'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { focusMarked, stepRow, useHotkeys } from '../ui/hotkeys'
import { SearchForm } from '../ui/search'
import { Chip } from '../ui/tag'

const route = getRouteApi('/app/runbooks')

export default function RunbooksPage() {
  const { q = '' } = route.useSearch()
  const [writing, setWriting] = useState(false)
  const [importing, setImporting] = useState(false)
  const navigate = route.useNavigate()
  const may = useMay('runbook.write')
  useTitle('Runbooks')
  useHotkeys({ j: () => stepRow(1), k: () => stepRow(-1), '/': () => focusMarked('/') })
  if (writing) {
    return (
      <div className="max-w-3xl">
        <PageHead title="A new runbook" />
        <RunbookEditor
          onSaved={({ id }) => void navigate({ to: '/runbooks/$runbookId', params: { runbookId: id } })}
          onClose={() => setWriting(false)}
        />
      </div>
    )
  }
  return (
    <>
      <PageHead
        title="Runbooks"
        says="What to do when. The investigator reads them, and an incident shows those that fit."
        action={
          may.allowed && (
            <div className="flex flex-wrap gap-2">
              <Button refused={may.refused} onClick={() => setImporting(true)}>
                <FolderInput aria-hidden className="size-4" />
                Import
              </Button>
              <Button look="primary" refused={may.refused} onClick={() => setWriting(true)}>
                <Plus aria-hidden className="size-4" />
                Write a runbook
              </Button>
            </div>
          )
        }
      />
      <SearchForm
        label="Search runbooks"
        placeholder="What is it about?"
        maxLength={200}
        known={q}
        onSearch={(words) => void navigate({ search: words ? { q: words } : {} })}
      />
      <List q={q} />
      {importing && <ImportRunbooks onClose={() => setImporting(false)} />}
    </>
  )
}

function List({ q }: { q: string }) {
  const list = useInfiniteQuery(runbooksQuery(useApi(), q))
  const runbooks = answerOf(list)?.pages.flatMap((page) => page.items)
  return (
    <>
      <Loading query={list} what="runbooks">
        <RowSkeletons rows={6} />
      </Loading>
      {runbooks?.length === 0 && <Empty title="No runbook matches">Other words, or fewer.</Empty>}
      {runbooks && runbooks.length > 0 && (
        <ul className="border-t" aria-busy={list.isPlaceholderData}>
          {runbooks.map((runbook) => (
            <Row key={runbook.id} runbook={runbook} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  )
}

const Row = ({ runbook }: { runbook: RunbookItem }) => (
  <li className="border-b last:border-b-0">
    <Link
      to="/runbooks/$runbookId"
      params={{ runbookId: runbook.id }}
      data-row
      className="-mx-2 block rounded-md px-2 py-2.5 hover:bg-hover"
    >
      <span className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
        <span className="font-medium wrap-anywhere">{runbook.title}</span>
        {!runbook.builtin && <Chip tone="accent">yours</Chip>}
        <span className="label">{runbook.categories.map(categoryLabel).join(', ')}</span>
      </span>
      <span className="line-clamp-1 wrap-anywhere text-soft">{runbook.excerpt}</span>
    </Link>
  </li>
)
