// Where one can go. A new page is a new line here.
import { Link, type LinkProps } from '@tanstack/react-router'
import {
  Activity,
  Bell,
  BookOpen,
  Coins,
  EyeOff,
  Network,
  Inbox,
  KeyRound,
  Plug,
  Radar,
  ScrollText,
  Building2,
  Construction,
  DoorOpen,
  Fingerprint,
  ShieldCheck,
  Users,
  Workflow,
  type LucideIcon,
} from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/context'
import { meQuery } from '../../api/queries'
import { useWaiting } from './title'

interface Place {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: LucideIcon
  /** Shown only to those who may look at it. */
  needs?: string
}

const PLACES: { title: string | null; places: Place[] }[] = [
  {
    title: null,
    places: [
      { to: '/incidents', label: 'Incidents', icon: Bell },
      { to: '/approvals', label: 'Approvals', icon: Inbox },
      { to: '/monitors', label: 'Monitors', icon: Radar },
    ],
  },
  {
    title: 'Set up',
    places: [
      { to: '/integrations', label: 'Integrations', icon: Plug },
      { to: '/runbooks', label: 'Runbooks', icon: BookOpen, needs: 'runbook.read' },
      { to: '/runbook-hooks', label: 'Runbook hooks', icon: Workflow },
      { to: '/dependencies', label: 'Dependencies', icon: Network, needs: 'incident.read' },
      { to: '/system', label: 'System', icon: Activity },
    ],
  },
  {
    title: 'Team',
    places: [
      { to: '/team', label: 'Members', icon: Users, needs: 'team.read' },
      { to: '/api-keys', label: 'API keys', icon: KeyRound, needs: 'apikey.read' },
      { to: '/usage', label: 'Model usage', icon: Coins, needs: 'team.read' },
      { to: '/secret-patterns', label: 'Secret patterns', icon: EyeOff, needs: 'team.write' },
      { to: '/audit', label: 'Audit', icon: ScrollText, needs: 'audit.read' },
      { to: '/roles', label: 'Roles', icon: ShieldCheck },
    ],
  },
  {
    title: 'Installation',
    places: [
      { to: '/admin/teams', label: 'All teams', icon: Building2, needs: 'platform.read' },
      { to: '/admin/visits', label: 'Visits', icon: DoorOpen, needs: 'platform.impersonate' },
      { to: '/admin/sign-ins', label: 'Sign-ins', icon: Fingerprint, needs: 'abuse.read' },
      { to: '/admin/audit', label: 'Installation audit', icon: ScrollText, needs: 'platform.read' },
      { to: '/admin/maintenance', label: 'Maintenance', icon: Construction, needs: 'platform.read' },
    ],
  },
]

export function Nav({ onGo }: { onGo?: () => void }) {
  const waiting = useWaiting()
  const { data: me } = useQuery(meQuery(useApi()))
  const open = ({ needs }: Place) => needs === undefined || me?.permissions.includes(needs) === true
  const groups = PLACES.map((group) => ({ ...group, places: group.places.filter(open) }))
  return (
    <nav aria-label="Main" className="flex flex-col gap-4">
      {groups
        .filter(({ places }) => places.length > 0)
        .map(({ title, places }) => (
          <div key={title} className="flex flex-col gap-px">
            {title && <p className="px-2 pb-1 label">{title}</p>}
            {places.map(({ to, label, icon: Icon }) => (
              <Link
                key={label}
                to={to}
                {...(onGo ? { onClick: onGo } : {})}
                className="flex h-7.5 items-center gap-2.5 rounded-md px-2 text-sm text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink pointer-coarse:h-11"
              >
                <Icon aria-hidden className="size-4" strokeWidth={1.75} />
                <span className="flex-1">{label}</span>
                {to === '/approvals' && waiting > 0 && (
                  <span className="rounded bg-amber-wash px-1.5 text-xs font-medium text-amber tabular">
                    {waiting}
                    <span className="sr-only"> waiting</span>
                  </span>
                )}
              </Link>
            ))}
          </div>
        ))}
    </nav>
  )
}
