// The frame around every page: navigation, team, connection, user; on a phone a bar with a sheet.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Menu as MenuIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useApi } from '../../api/context'
import { isRefusal, wording, worthRepeating } from '../../api/problem'
import { configQuery, meQuery, profileQuery } from '../../api/queries'
import type { Me } from '../../api/types'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { useHotkeys } from '../../ui/hotkeys'
import { Skeleton } from '../../ui/skeleton'
import { TimesProvider } from '../../ui/times'
import { chosenZone } from '../account/zone'
import { MakeTeam } from '../team/make'
import { Told } from '../trouble'
import { Help } from './help'
import { Connection, LiveProvider, OfflineBanner } from './live'
import { Mark } from './mark'
import { Nav } from './nav'
import { Notices } from './notices'
import { useWaiting } from './title'
import { TroubleEdge, Troubles } from './troubles'
import { UserMenu } from './user-menu'
import { VisitBanner } from './visit-banner'

export function Shell({ children }: { children: ReactNode }) {
  const api = useApi()
  const me = useQuery(meQuery(api))
  const config = useQuery(configQuery(api))
  const { data: profile } = useQuery(profileQuery(api))
  const [help, setHelp] = useState(false)
  const [making, setMaking] = useState(false)
  const menu = { face: profile?.avatar_url, onHelp: () => setHelp(true), onMakeTeam: () => setMaking(true) }
  const navigate = useNavigate()
  useHotkeys({
    '?': () => setHelp(true),
    i: () => void navigate({ to: '/incidents' }),
    w: () => void navigate({ to: '/approvals' }),
  })
  if (me.error && !worthRepeating(me.error))
    return <NoTeam error={me.error} onRetry={() => void me.refetch()} />
  return (
    <TimesProvider zone={profile && chosenZone(profile)} locale={profile?.locale}>
      <LiveProvider teamId={me.data?.team.id} visiting={me.data?.impersonation != null}>
        <Troubles>
          <div className="min-h-dvh max-md:flex max-md:flex-col md:grid md:grid-cols-[13.5rem_1fr]">
            <a
              href="#main"
              className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:z-60"
            >
              Skip to content
            </a>
            <Side me={me.data} {...menu} />
            <Bar me={me.data} {...menu} />
            <div className="flex min-w-0 flex-1 flex-col">
              <Told query={me} what={me.data ? null : 'account'} />
              <Told query={config} what={null} />
              {me.data && <VisitBanner me={me.data} />}
              <main
                id="main"
                tabIndex={-1}
                className="mx-auto w-full max-w-[76rem] min-w-0 px-4 pt-4 pb-16 outline-none md:px-8 md:pt-6"
              >
                <OfflineBanner />
                <Notices />
                {children}
              </main>
              <TroubleEdge />
            </div>
            {help && <Help onClose={() => setHelp(false)} />}
            {making && <MakeTeam onClose={() => setMaking(false)} />}
          </div>
        </Troubles>
      </LiveProvider>
    </TimesProvider>
  )
}

interface SideProps {
  me: Me | undefined
  onHelp: () => void
  onMakeTeam: () => void
}

const Side = ({ me, onHelp, onMakeTeam }: SideProps) => (
  <aside className="sticky top-0 hidden h-dvh flex-col border-r px-3 pt-5 pb-3 md:flex">
    <Link to="/incidents" className="mb-6 flex items-center gap-2 rounded px-2">
      <Mark className="size-5" />
      <span className="text-base font-semibold tracking-tight">Nightdesk</span>
    </Link>
    <div className="-mx-3 min-h-0 overflow-y-auto mask-b-from-[calc(100%-1.5rem)] px-3 pb-6">
      <Nav />
    </div>
    <div className="mt-auto flex flex-col gap-2 px-2 pt-2">
      <div className="flex items-center justify-between gap-2">
        {me ? <span className="truncate text-sm">{me.team.name}</span> : <Skeleton className="h-4 w-20" />}
        <Connection />
      </div>
      <div className="min-h-10 border-t pt-1.5">
        {me && <UserMenu me={me} onHelp={onHelp} onMakeTeam={onMakeTeam} />}
      </div>
    </div>
  </aside>
)

function Bar({ me, onHelp, onMakeTeam }: SideProps) {
  const [open, setOpen] = useState(false)
  const waiting = useWaiting()
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-3 border-b bg-canvas px-4 md:hidden">
      <Link to="/incidents" className="flex items-center gap-2 py-2">
        <Mark className="size-5" />
        <span className="font-semibold tracking-tight">{me?.team.name ?? 'Nightdesk'}</span>
      </Link>
      <span className="ml-auto" />
      <Connection />
      {waiting > 0 && (
        <Link
          to="/approvals"
          className="rounded bg-amber-wash px-2 py-1 text-xs font-medium text-amber tabular"
        >
          {waiting} waiting
        </Link>
      )}
      <Button look="ghost" size="sm" aria-label="Menu" onClick={() => setOpen(true)} className="-mr-3">
        <MenuIcon aria-hidden className="size-5" />
      </Button>
      {open && (
        <Dialog open onClose={() => setOpen(false)} title={me?.team.name ?? 'Nightdesk'}>
          <Nav onGo={() => setOpen(false)} />
          <div className="mt-4 border-t pt-2">
            {me && (
              <UserMenu
                me={me}
                onHelp={() => {
                  setOpen(false)
                  onHelp()
                }}
                onMakeTeam={() => {
                  setOpen(false)
                  onMakeTeam()
                }}
              />
            )}
          </div>
        </Dialog>
      )}
    </header>
  )
}

function NoTeam({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const api = useApi()
  const [making, setMaking] = useState(false)
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <Mark className="size-8" />
      <h1 className="text-xl font-semibold tracking-tight">You are signed in, but nothing can be shown</h1>
      <p className="text-sm text-soft">{wording(error)}</p>
      <div className="flex gap-2">
        <Button look="primary" onClick={onRetry}>
          Try again
        </Button>
        {isRefusal(error, 'no_team') && <Button onClick={() => setMaking(true)}>Make a team</Button>}
        <Button onClick={() => void api.auth.signOut()}>Sign out</Button>
      </div>
      {making && <MakeTeam onClose={() => setMaking(false)} />}
    </main>
  )
}
