// A new password for whoever forgot theirs, by a code that is mailed; the same way for whoever was invited and has none yet.
import { useMutation } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useApi } from '../api/context'
import { isRefusal, wording } from '../api/problem'
import { APP_DIGITS, CodeField, isComplete, MAIL_DIGITS } from '../components/session/code-field'
import { EmailField } from '../components/session/email-field'
import { SessionFrame } from '../components/session/frame'
import { NewPassword, passwordMissing } from '../components/session/new-password'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'

const route = getRouteApi('/recover')

type Step = 'address' | 'code' | 'factor' | 'password'

const SAYS: Record<Step, string> = {
  address: 'If this address has an account, a code is on its way to it in a moment.',
  code: 'Enter the code of the mail. It may take a minute; look into the spam folder, too.',
  factor: 'Your account asks for a second factor before its password changes.',
  password: 'Every other place where you are signed in keeps its session; end those under Security.',
}

export default function RecoverPage() {
  const search = route.useSearch()
  const [email, setEmail] = useState(search.email ?? '')
  const [step, setStep] = useState<Step>(search.email ? 'code' : 'address')
  const api = useApi()
  const navigate = useNavigate()
  const afterCode = async () => setStep((await api.auth.identity())?.owesFactor ? 'factor' : 'password')
  const purpose = search.invited ? 'invite' : 'recovery'
  return (
    <SessionFrame title={search.invited ? 'Welcome to Nightdesk' : 'A new password'} says={SAYS[step]}>
      {step === 'address' && (
        <Address
          email={email}
          setEmail={setEmail}
          send={() => api.auth.askCode(email.trim())}
          onDone={() => setStep('code')}
        />
      )}
      {step === 'code' && (
        <Code send={(code) => api.auth.useCode(email.trim(), code, purpose).then(afterCode)} />
      )}
      {step === 'factor' && <Code totp send={(code) => api.auth.prove(code).then(afterCode)} />}
      {step === 'password' && (
        <Password
          send={(password) => api.auth.changePassword(password)}
          onDone={() => void navigate({ to: '/incidents' })}
        />
      )}
      {step !== 'password' && (
        <p className="mt-6 flex justify-between text-sm">
          <Link to="/sign-in" search={{}} className="text-accent hover:underline">
            Back to sign-in
          </Link>
          {step === 'address' && (
            <Button
              look="ghost"
              size="sm"
              refused={email ? null : 'Enter the address first.'}
              onClick={() => setStep('code')}
            >
              I have a code
            </Button>
          )}
        </p>
      )}
    </SessionFrame>
  )
}

interface FormProps {
  verb: string
  missing: string | null
  send: () => Promise<unknown>
  onDone?: () => void
  children: ReactNode
}

function Form({ verb, missing, send, onDone, children }: FormProps) {
  const run = useMutation({ mutationFn: send, onSuccess: () => onDone?.() })
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing && !run.isPending) run.mutate()
      }}
    >
      {run.error && (
        <Banner tone="red" urgent className="mb-2">
          {isRefusal(run.error, 'validation_failed') ? 'This address cannot be read.' : wording(run.error)}
        </Banner>
      )}
      {children}
      <Button type="submit" look="primary" size="lg" busy={run.isPending} refused={missing}>
        {verb}
      </Button>
    </form>
  )
}

interface AddressProps {
  email: string
  setEmail: (email: string) => void
  send: () => Promise<unknown>
  onDone: () => void
}

const Address = ({ email, setEmail, send, onDone }: AddressProps) => (
  <Form
    verb="Send me a code"
    missing={email.includes('@') ? null : 'Enter your address.'}
    send={send}
    onDone={onDone}
  >
    <EmailField value={email} onChange={setEmail} />
  </Form>
)

function Code({ send, totp = false }: { send: (code: string) => Promise<unknown>; totp?: boolean }) {
  const [code, setCode] = useState('')
  const digits = totp ? APP_DIGITS : MAIL_DIGITS
  const missing = isComplete(code, false, digits) ? null : 'Enter the whole code.'
  return (
    <Form verb="Go on" missing={missing} send={() => send(code.replaceAll(' ', ''))}>
      <CodeField
        digits={digits}
        value={code}
        onChange={setCode}
        {...(totp ? {} : { hint: 'Eight digits.' })}
      />
    </Form>
  )
}

interface PasswordProps {
  send: (password: string) => Promise<unknown>
  onDone: () => void
}

function Password({ send, onDone }: PasswordProps) {
  const [password, setPassword] = useState('')
  return (
    <Form
      verb="Save and go on"
      missing={passwordMissing(password)}
      send={() => send(password)}
      onDone={onDone}
    >
      <NewPassword value={password} onChange={setPassword} />
    </Form>
  )
}
