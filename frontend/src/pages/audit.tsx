// Who did what in the team.
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { exportAudit } from '../api/commands'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { auditQuery } from '../api/queries'
import { toAuditFilter } from '../components/audit/filter'
import { AuditFilters } from '../components/audit/filters'
import { AuditLog } from '../components/audit/log'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { save } from '../ui/save'
import { useToast } from '../ui/toast'

const route = getRouteApi('/app/audit')

export default function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  // Taken when the page opens: a filter that moved with the clock would be another question every minute.
  const [now] = useState(() => Date.now())
  const api = useApi()
  const filter = toAuditFilter(search, now)
  const log = useInfiniteQuery(auditQuery(api, filter))
  const toast = useToast()
  const download = useMutation({
    mutationFn: () => exportAudit(api, filter),
    onSuccess: (csv) => save('audit.csv', csv, 'text/csv'),
    onError: (failed) => toast({ tone: 'red', text: wording(failed) }),
  })
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
      <AuditFilters search={search} example="monitor." onSearch={(next) => void navigate({ search: next })} />
      <AuditLog log={log} asked={Object.keys(search).length > 0} />
    </>
  )
}
