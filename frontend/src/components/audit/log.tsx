// An audit log, page by page.
import type { AuditEntry } from '../../api/types'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { RowSkeletons } from '../incident/row'
import { Loading } from '../loading'
import { answerOf, type Asked } from '../trouble'
import { AuditRow } from './row'

interface Pages extends Asked {
  data: { pages: { items: AuditEntry[] }[] } | undefined
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

interface Props {
  log: Pages
  /** Something was looked for, so that there may be more without it. */
  asked: boolean
}

const NOTHING_FITS = <Empty title="Nothing was done that fits">Ask for less, or for a longer time.</Empty>

export function AuditLog({ log, asked }: Props) {
  const entries = answerOf(log)?.pages.flatMap((page) => page.items)
  return (
    <>
      <Loading query={log} what="audit log">
        <RowSkeletons rows={8} />
      </Loading>
      {entries?.length === 0 && (asked ? NOTHING_FITS : <Empty title="Nothing has been written down yet" />)}
      {entries && entries.length > 0 && (
        <ul className="border-t" aria-busy={log.isPlaceholderData}>
          {entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
      {log.hasNextPage && (
        <Button className="mt-4" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Older
        </Button>
      )}
    </>
  )
}
