// Setting up an authenticator: scan, confirm with a first code, write down the recovery codes.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { haveRecoveryCodes, makeRecoveryCodes } from '../../api/recovery-codes'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { FormDialog } from '../../ui/form-dialog'
import { Skeleton } from '../../ui/skeleton'
import { CodeField, isComplete } from '../session/code-field'
import { RecoveryCodes } from './recovery-codes'

interface Props {
  /** How many there are already: each needs a name of its own. */
  count: number
  onClose: () => void
}

export function Enrol({ count, onClose }: Props) {
  const [code, setCode] = useState('')
  const api = useApi()
  const client = useQueryClient()
  // Begun once for each opening of the dialog; the secret is in this answer only.
  const begun = useQuery({
    queryKey: keys.enrolment,
    queryFn: () => api.auth.enrol(`Authenticator ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`),
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: false,
    refetchOnReconnect: false,
  })
  const confirm = useMutation({
    mutationFn: async (factorId: string) => {
      await api.auth.prove(code, factorId)
      return count === 0 && haveRecoveryCodes(api) ? makeRecoveryCodes(api) : []
    },
    onError: () => setCode(''),
    onSuccess: (codes) => codes.length === 0 && onClose(),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.factors })
      void client.invalidateQueries({ queryKey: keys.recoveryCodes })
    },
  })
  if (begun.error)
    return (
      <Dialog open onClose={onClose} title="Set up an authenticator">
        <Banner tone="red" urgent title="This could not begin">
          {wording(begun.error)}
        </Banner>
      </Dialog>
    )
  if (confirm.data && confirm.data.length > 0) return <RecoveryCodes codes={confirm.data} onClose={onClose} />
  return (
    <FormDialog
      title="Set up an authenticator"
      says="Scan the picture with an authenticator app, then enter the code it shows."
      verb="Confirm"
      busy={confirm.isPending}
      missing={begun.data ? (isComplete(code) ? null : 'Enter the six digits.') : 'One moment.'}
      failed={confirm.error && { title: 'Not confirmed', says: wording(confirm.error) }}
      onSend={() => begun.data && confirm.mutate(begun.data.id)}
      onClose={onClose}
    >
      <div className="flex flex-col items-center gap-2 pb-2">
        {begun.data ? (
          <img
            src={begun.data.qr}
            alt="QR code of the secret; the secret itself stands below"
            className="size-44 rounded-md bg-white p-2"
          />
        ) : (
          <Skeleton className="size-44" />
        )}
        <p className="flex max-w-full items-center gap-1 text-xs text-soft">
          <code className="font-mono break-all">{begun.data?.secret ?? '…'}</code>
          {begun.data && <CopyButton text={begun.data.secret} label="Copy" />}
        </p>
      </div>
      <CodeField value={code} onChange={setCode} />
    </FormDialog>
  )
}

export function EnrolButton({ count, first }: { count: number; first?: boolean }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button look={first ? 'primary' : 'plain'} onClick={() => setOpen(true)}>
        {count === 0 ? 'Set up an authenticator' : 'Add another'}
      </Button>
      {open && <Enrol count={count} onClose={() => setOpen(false)} />}
    </>
  )
}
