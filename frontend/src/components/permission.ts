// May the signed-in person do this now? The server decides again; this only spares a futile try.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { meQuery } from '../api/queries'
import { useStanding } from './standing'

interface May {
  /** Their role gives it to them. */
  allowed: boolean
  /** Why a button for it cannot be pressed now. */
  refused: string | null
}

export function useMay(permission: string): May {
  const { data } = useQuery(meQuery(useApi()))
  const standing = useStanding()
  const allowed = data?.permissions.includes(permission) ?? false
  if (data && !allowed) return { allowed, refused: `Your role (${data.role}) may not do this.` }
  return { allowed, refused: standing?.refused ?? null }
}
