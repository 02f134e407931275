// The second step of signing in: the code of the app, or a recovery code when the phone is lost.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { CodeField, isComplete } from './code-field'

interface Props {
  /** A recovery code was taken: the authenticator is gone. */
  onRecovered: () => void
}

export function SecondFactor({ onRecovered }: Props) {
  const [code, setCode] = useState('')
  const [recovery, setRecovery] = useState(false)
  const api = useApi()
  const prove = useMutation({
    mutationFn: () => {
      // Before the session changes: that moves the router on, to where it is told now.
      if (recovery) onRecovered()
      return api.auth.prove(code)
    },
    onError: () => setCode(''),
  })
  const missing = isComplete(code, recovery) ? null : 'Enter the whole code.'
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing && !prove.isPending) prove.mutate()
      }}
    >
      {prove.error && (
        <Banner tone="red" urgent className="mb-2">
          {wording(prove.error)}
        </Banner>
      )}
      <CodeField key={String(recovery)} recovery={recovery} value={code} onChange={setCode} />
      <Button type="submit" look="primary" size="lg" busy={prove.isPending} refused={missing}>
        Confirm
      </Button>
      <div className="mt-2 flex flex-wrap justify-between gap-2">
        <Button
          look="ghost"
          size="sm"
          className="-ml-2"
          onClick={() => {
            setCode('')
            setRecovery(!recovery)
          }}
        >
          {recovery ? 'I have my phone' : 'I have lost my phone'}
        </Button>
        <Button look="ghost" size="sm" className="-mr-2" onClick={() => void api.auth.signOut()}>
          Sign in as somebody else
        </Button>
      </div>
    </form>
  )
}
