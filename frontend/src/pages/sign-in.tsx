// The way in, and back to where one was.
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { Mark } from '../components/shell/mark'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'

const route = getRouteApi('/sign-in')

export default function SignInPage() {
  const { next } = route.useSearch()
  const api = useApi()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  // The router moves on by itself once the session is there.
  const signIn = useMutation({ mutationFn: () => api.auth.signIn(email.trim(), password) })
  useEffect(() => {
    document.title = 'Sign in · Nightdesk'
  }, [])
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-6 py-12">
      <Mark className="size-9" />
      <h1 className="mt-4 text-2xl font-semibold tracking-tight">Sign in to Nightdesk</h1>
      {next && <p className="mt-1 text-sm text-soft">Then you go on where you were heading.</p>}
      <form
        className="mt-6 flex flex-col gap-2"
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
        <Field label="E-mail">
          {(control) => (
            <Input
              {...control}
              type="email"
              required
              autoFocus
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
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
      </form>
      {api.config.mode === 'embedded' && (
        <p className="mt-6 text-xs text-faint">
          The first start printed an address and a password in the terminal. A new user:{' '}
          <code className="font-mono">nightdesk user create</code>
        </p>
      )}
    </main>
  )
}
