// What protects the signed-in person's account.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Authenticators } from '../components/account/authenticators'
import { ChangePassword } from '../components/account/change-password'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Button, buttonClass } from '../ui/button'
import { Section } from '../ui/section'

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

const Sessions = () => (
  <Section title="Where you are signed in">
    <p className="mb-3 max-w-prose text-soft">
      Every browser and program with a session of yours. A lost phone is signed out there.
    </p>
    <Link to="/sessions" className={buttonClass('plain', 'md')}>
      See your sessions
    </Link>
  </Section>
)
