// How roles read.
import type { Role } from '../../api/types'

const LABELS: Record<Role, string> = {
  viewer: 'Viewer',
  responder: 'Responder',
  admin: 'Admin',
  owner: 'Owner',
}

/** From least to most. */
export const ROLES = Object.keys(LABELS) as Role[]

export const roleLabel = (role: Role): string => LABELS[role]
