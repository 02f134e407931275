// Who did what on the installation, and what support did in which team.
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { installationAuditQuery } from '../api/admin'
import { useApi } from '../api/context'
import { toAuditFilter } from '../components/audit/filter'
import { AuditFilters } from '../components/audit/filters'
import { AuditLog } from '../components/audit/log'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'

const route = getRouteApi('/app/admin/audit')

export default function AdminAuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  // Taken when the page opens: a filter that moved with the clock would be another question every minute.
  const [now] = useState(() => Date.now())
  const log = useInfiniteQuery(installationAuditQuery(useApi(), toAuditFilter(search, now)))
  useTitle('Installation audit')
  return (
    <>
      <PageHead
        title="Installation audit"
        says="What was done to the installation and its teams, and by support inside a team. It outlives the teams it tells of."
      />
      <AuditFilters
        search={search}
        example="impersonation."
        onSearch={(next) => void navigate({ search: next })}
      />
      <AuditLog log={log} asked={Object.keys(search).length > 0} />
    </>
  )
}
