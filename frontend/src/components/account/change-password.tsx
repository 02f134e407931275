// Another password for whoever is signed in.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import { FormDialog } from '../../ui/form-dialog'
import { useToast } from '../../ui/toast'
import { NewPassword, passwordMissing } from '../session/new-password'

export function ChangePassword({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('')
  const api = useApi()
  const toast = useToast()
  const change = useMutation({
    mutationFn: () => api.auth.changePassword(password),
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
    </FormDialog>
  )
}
