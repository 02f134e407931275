// What protects the signed-in person's account.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { Authenticators } from '../components/account/authenticators'
import { ChangePassword } from '../components/account/change-password'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button } from '../ui/button'
import { Section } from '../ui/section'
import { SureButton } from '../ui/sure'
import { useToast } from '../ui/toast'

export default function SecurityPage() {
  useTitle('Security')
  return (
    <div className="max-w-2xl">
      <PageHead title="Security" says="How you prove who you are, and where you are signed in." />
      <Password />
      <Authenticators />
      <Sessions />
    </div>
  )
}

function Password() {
  const [open, setOpen] = useState(false)
  return (
    <Section title="Password">
      <Button onClick={() => setOpen(true)}>Change your password</Button>
      {open && <ChangePassword onClose={() => setOpen(false)} />}
    </Section>
  )
}

function Sessions() {
  const api = useApi()
  const toast = useToast()
  const end = useMutation({
    mutationFn: () => api.auth.signOutOthers(),
    onSuccess: () => toast({ tone: 'green', text: 'You are signed in here only.' }),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
  })
  return (
    <Section title="Other places where you are signed in">
      <p className="mb-3 max-w-prose text-soft">
        A lost phone, a browser somewhere else: ends every session but this one, at once.
      </p>
      <SureButton sure="End all other sessions now" busy={end.isPending} onSure={() => end.mutate()}>
        Sign out everywhere else
      </SureButton>
    </Section>
  )
}
