// Where am I signed in? One place, or every other one, is signed out from here.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { endSession } from '../api/commands'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import { sessionsQuery } from '../api/queries'
import type { Session } from '../api/types'
import { deviceWords } from '../components/account/device'
import { RowSkeletons } from '../components/incident/row'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { SureButton } from '../ui/sure'
import { Chip } from '../ui/tag'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

export default function SessionsPage() {
  const asked = useQuery(sessionsQuery(useApi()))
  const { data } = asked
  const here = data?.filter(({ current }) => current) ?? []
  const others = data?.filter(({ current }) => !current) ?? []
  useTitle('Sessions')
  return (
    <div className="max-w-3xl">
      <PageHead
        title="Where you are signed in"
        says="A place you do not know? Sign it out, then change your password."
        action={others.length > 0 && <Others count={others.length} />}
      />
      <Loading query={asked} what="sessions">
        <RowSkeletons rows={3} />
      </Loading>
      {data && (
        <ul className="border-t">
          {[...here, ...others].map((session) => (
            <Row key={session.id} session={session} />
          ))}
        </ul>
      )}
      {data && others.length === 0 && <p className="mt-3 text-sm text-soft">Nowhere else.</p>}
    </div>
  )
}

function useEnd(done: string) {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (end: () => Promise<unknown>) => end(),
    onSuccess: () => toast({ tone: 'green', text: done }),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  })
}

function Others({ count }: { count: number }) {
  const api = useApi()
  const end = useEnd('You are signed in here only.')
  return (
    <SureButton
      sure={count === 1 ? 'End the other session now' : `End all ${count} other sessions now`}
      busy={end.isPending}
      onSure={() => end.mutate(() => api.auth.signOutOthers())}
    >
      Sign out everywhere else
    </SureButton>
  )
}

function Row({ session }: { session: Session }) {
  const api = useApi()
  const end = useEnd('Signed out there.')
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-medium wrap-anywhere" title={session.user_agent ?? undefined}>
            {deviceWords(session.user_agent)}
          </span>
          {session.current && <Chip tone="green">This one</Chip>}
          {session.aal === 'aal2' && <Chip>second factor shown</Chip>}
        </p>
        <p className="mt-0.5 label wrap-anywhere tabular">
          {[session.ip, session.location].filter(Boolean).join(', ') || 'address unknown'}
          {' · '}last used <Ago at={session.last_used_at} />
          {' · '}since <Ago at={session.created_at} />
        </p>
      </div>
      {!session.current && (
        <SureButton
          sure="Sign out there now"
          busy={end.isPending}
          onSure={() => end.mutate(() => endSession(api, session.id))}
        >
          Sign out
        </SureButton>
      )}
    </li>
  )
}
