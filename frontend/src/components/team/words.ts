// How roles read.
import type { Role } from '../../api/types'

const ROLES: Record<Role, string> = {
  owner: 'Owner',
  admin: 'Admin',
  responder: 'Responder',
  viewer: 'Viewer',
}

export const roleLabel = (role: Role): string => ROLES[role]
