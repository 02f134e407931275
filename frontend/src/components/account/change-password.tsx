// Another password for whoever is signed in.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { isRefusal, wording } from '../../api/problem'
import { FormDialog } from '../../ui/form-dialog'
import { useToast } from '../../ui/toast'
import { CodeField, MAIL_DIGITS } from '../session/code-field'
import { NewPassword, passwordMissing } from '../session/new-password'

export function ChangePassword({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('')
  const api = useApi()
  const toast = useToast()
  const [nonce, setNonce] = useState<string | null>(null)
  const change = useMutation({
    mutationFn: () => api.auth.changePassword(password, nonce?.trim()),
    onError: (error) => {
      if (!isRefusal(error, 'reauthentication_needed') || nonce !== null) return
      setNonce('')
      void api.auth.askNonce().catch((failed: unknown) => toast({ tone: 'red', text: wording(failed) }))
    },
    onSuccess: () => {
      toast({ tone: 'green', text: 'Your password is changed.' })
      onClose()
    },
  })
  return (
    <FormDialog
      title="Change your password"
      verb="Change it"
      busy={change.isPending}
      missing={passwordMissing(password)}
      failed={change.error && { title: 'Not changed', says: wording(change.error) }}
      onSend={() => change.mutate()}
      onClose={onClose}
    >
      <NewPassword value={password} onChange={setPassword} />
      {nonce !== null && (
        <CodeField
          digits={MAIL_DIGITS}
          label="Code of the mail"
          hint="Eight digits."
          value={nonce}
          onChange={setNonce}
        />
      )}
    </FormDialog>
  )
}
