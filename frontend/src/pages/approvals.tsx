// Everything that waits for a decision, the soonest to expire first.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { inboxQuery } from '../api/queries'
import { InboxRows } from '../components/action/inbox'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Empty } from '../ui/empty'
import { stepRow, useHotkeys } from '../ui/hotkeys'

export default function ApprovalsPage() {
  const asked = useQuery(inboxQuery(useApi()))
  const { data } = asked
  useTitle('Approvals')
  useHotkeys({ j: () => stepRow(1), k: () => stepRow(-1) })
  return (
    <>
      <PageHead
        title="Approvals"
        says="Proposals that run only after a person has approved them. The soonest to expire is on top."
      />
      <Loading query={asked} what="approvals">
        <RowSkeletons rows={4} />
      </Loading>
      {data?.length === 0 && (
        <Empty title="Nothing waits for you">
          A proposal appears here the moment it is ready to be decided.
        </Empty>
      )}
      {data && data.length > 0 && (
        <div className="border-t">
          <InboxRows actions={data} />
        </div>
      )}
    </>
  )
}
