// Accepting an invitation: with the account one has, or with a new one.
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { acceptInvitation, joinByInvitation } from '../api/commands'
import { useApi } from '../api/context'
import { wording, worthRepeating } from '../api/problem'
import { invitationQuery } from '../api/queries'
import type { InvitationInfo } from '../api/types'
import { Loading } from '../components/loading'
import { SessionFrame } from '../components/session/frame'
import { NewPassword, passwordMissing } from '../components/session/new-password'
import { roleLabel } from '../components/team/words'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'
import { SkeletonLines } from '../ui/skeleton'

const route = getRouteApi('/invite/$token')

export default function InvitationPage() {
  const { token } = route.useParams()
  const { signedInAs } = route.useRouteContext()
  const asked = useQuery(invitationQuery(useApi(), token))
  const { data, error } = asked
  if (error && !worthRepeating(error))
    return (
      <SessionFrame title="This invitation cannot be used" says={wording(error)}>
        <Link to="/sign-in" search={{}} className="text-sm text-accent hover:underline">
          Go to sign-in
        </Link>
      </SessionFrame>
    )
  if (!data)
    return (
      <SessionFrame title="An invitation">
        <Loading query={asked} what="invitation">
          <SkeletonLines lines={4} />
        </Loading>
      </SessionFrame>
    )
  const says = `${data.inviter_name || 'Somebody'} invites ${data.email}, as ${roleLabel(data.role).toLowerCase()}.`
  return (
    <SessionFrame title={`Join ${data.team_name}`} says={says}>
      {data.has_account ? (
        <Accept token={token} info={data} signedInAs={signedInAs} />
      ) : (
        <Join token={token} info={data} />
      )}
    </SessionFrame>
  )
}

interface AcceptProps {
  token: string
  info: InvitationInfo
  signedInAs: string | null
}

function Accept({ token, info, signedInAs }: AcceptProps) {
  const api = useApi()
  const accept = useMutation({
    mutationFn: () => acceptInvitation(api, token),
    onSuccess: () => location.assign('/incidents'),
  })
  if (signedInAs === null)
    return (
      <>
        <p className="mb-4 text-sm text-soft">You have an account with this address. Sign in, then accept.</p>
        <Link to="/sign-in" search={{ next: `/invite/${token}` }} className="text-accent hover:underline">
          Sign in as {info.email}
        </Link>
      </>
    )
  return (
    <div className="flex flex-col gap-3">
      {accept.error && (
        <Banner tone="red" urgent>
          {wording(accept.error)}
        </Banner>
      )}
      <Button look="primary" size="lg" busy={accept.isPending} onClick={() => accept.mutate()}>
        Accept as {signedInAs}
      </Button>
      <Button look="ghost" size="sm" onClick={() => void api.auth.signOut()}>
        Sign in as somebody else
      </Button>
    </div>
  )
}

function Join({ token, info }: { token: string; info: InvitationInfo }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const api = useApi()
  const navigate = useNavigate()
  const join = useMutation({
    mutationFn: async () => {
      await joinByInvitation(api, token, name.trim(), password)
      await api.auth.signIn(info.email, password, () => undefined)
    },
    onSuccess: () => void navigate({ to: '/incidents' }),
  })
  const missing = passwordMissing(password)
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing && !join.isPending) join.mutate()
      }}
    >
      {join.error && (
        <Banner tone="red" urgent className="mb-2">
          {wording(join.error)}
        </Banner>
      )}
      <Field label="Your name" hint="As others see it.">
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={200}
            autoComplete="name"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <NewPassword value={password} onChange={setPassword} />
      <Button type="submit" look="primary" size="lg" busy={join.isPending} refused={missing}>
        Join
      </Button>
    </form>
  )
}
