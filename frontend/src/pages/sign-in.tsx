// The way in, and back to where one was: a password, and the second factor of whoever has one.
import { useMutation } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { EmailField } from '../components/session/email-field'
import { SessionFrame } from '../components/session/frame'
import { SecondFactor } from '../components/session/second-factor'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'

const route = getRouteApi('/sign-in')

export default function SignInPage() {
  const { next } = route.useSearch()
  const { owesFactor } = route.useRouteContext()
  const navigate = useNavigate()
  if (owesFactor)
    return (
      <SessionFrame title="Confirm that it is you" says="Your account asks for a second factor.">
        <SecondFactor
          onRecovered={() => void navigate({ to: '/sign-in', search: { next: '/security' }, replace: true })}
        />
      </SessionFrame>
    )
  return (
    <SessionFrame
      title="Sign in to Nightdesk"
      says={next ? 'Then you go on where you were heading.' : undefined}
    >
      <Password />
    </SessionFrame>
  )
}

function Password() {
  const api = useApi()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  // The router moves on by itself once the session is there.
  const [working, setWorking] = useState(false)
  const signIn = useMutation({
    mutationFn: () => api.auth.signIn(email.trim(), password, () => setWorking(true)),
    onSettled: () => setWorking(false),
  })
  return (
    <>
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!signIn.isPending) signIn.mutate()
        }}
      >
        {signIn.error && (
          <Banner tone="red" urgent className="mb-2">
            {wording(signIn.error)}
          </Banner>
        )}
        <EmailField value={email} onChange={setEmail} />
        <Field label="Password">
          {(control) => (
            <Input
              {...control}
              type="password"
              required
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="primary" size="lg" busy={signIn.isPending}>
          Sign in
        </Button>
        <p role="status" className="min-h-5 text-xs text-soft">
          {working && 'After failed tries, your browser does some work first, to tell you from a robot…'}
        </p>
      </form>
      <Link to="/recover" className="mt-2 inline-block text-sm text-accent hover:underline">
        Forgot your password?
      </Link>
      {api.config.mode === 'embedded' && (
        <p className="mt-6 text-xs text-faint">
          The first start printed an address and a password in the terminal. A new password, on the machine:{' '}
          <code className="font-mono">nightdesk user password</code>. A new user:{' '}
          <code className="font-mono">nightdesk user create</code>.
        </p>
      )}
    </>
  )
}
