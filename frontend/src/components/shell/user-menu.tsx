// Who is signed in, how it looks, and the way out.
import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown } from 'lucide-react'
import { chooseTeam } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import type { Me } from '../../api/types'
import { Menu, MenuChoice, MenuItem, MenuLine } from '../../ui/menu'
import { Face } from '../../ui/face'
import { useTimes } from '../../ui/times'
import { useToast } from '../../ui/toast'
import { roleLabel } from '../team/words'
import { THEMES, useTheme } from './theme'

interface Props {
  me: Me
  face?: string | null | undefined
  onHelp: () => void
  onMakeTeam: () => void
}

export function UserMenu({ me, face, onHelp, onMakeTeam }: Props) {
  const api = useApi()
  const toast = useToast()
  const [theme, setTheme] = useTheme()
  const { zone } = useTimes()
  const navigate = useNavigate()
  // Loaded anew: nothing of one team may stay on the screen of another.
  const goTo = (team: string) =>
    void chooseTeam(api, team)
      .then(() => location.assign('/incidents'))
      .catch((error: unknown) => toast({ tone: 'red', text: wording(error) }))
  const signOut = () =>
    api.auth
      .signOut()
      // Whoever signs in next begins at the beginning.
      .then(() => navigate({ to: '/sign-in', search: {} }))
      .catch((error: unknown) => toast({ tone: 'red', text: wording(error) }))
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          className="-mx-1 flex min-h-10 w-[calc(100%+0.5rem)] items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
        >
          <Face name={me.user.name || me.user.email} url={face} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{me.user.name || me.user.email}</span>
            <span className="block truncate label">{roleLabel(me.role)}</span>
          </span>
          <ChevronsUpDown aria-hidden className="size-3.5 text-faint" />
        </button>
      }
    >
      <p className="truncate px-2 pt-1.5 pb-1 label">
        {me.user.email}
        <span className="block">times in {zone}</span>
      </p>
      <MenuLine />
      {me.teams.length > 1 && !me.impersonation && (
        <>
          <MenuChoice
            label="Team"
            value={me.team.slug}
            options={Object.fromEntries(me.teams.map((team) => [team.slug, team.name]))}
            onChange={goTo}
          />
          <MenuLine />
        </>
      )}
      <MenuChoice label="Appearance" value={theme} options={THEMES} onChange={setTheme} />
      <MenuLine />
      {!me.impersonation && (
        <>
          <MenuItem onSelect={() => void navigate({ to: '/profile' })}>Profile</MenuItem>
          <MenuItem onSelect={() => void navigate({ to: '/security' })}>Security</MenuItem>
          <MenuItem onSelect={() => void navigate({ to: '/sessions' })}>Where you are signed in</MenuItem>
          <MenuItem onSelect={onMakeTeam}>Make a team…</MenuItem>
        </>
      )}
      <MenuItem onSelect={onHelp}>Keys and conventions</MenuItem>
      <MenuItem onSelect={() => void signOut()}>Sign out</MenuItem>
    </Menu>
  )
}
