// May the signed-in person do this? The server decides again; this only spares a futile try.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { meQuery } from '../api/queries'

export function useMay(permission: string): { allowed: boolean; refused: string | null } {
  const { data } = useQuery(meQuery(useApi()))
  const allowed = data?.permissions.includes(permission) ?? false
  return { allowed, refused: data && !allowed ? `Your role (${data.role}) may not do this.` : null }
}
