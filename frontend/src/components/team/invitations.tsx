// Who was invited and has not come yet.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { invite, inviteAgain, revokeInvitation } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { invitationsQuery } from '../../api/queries'
import type { NewInvitation, SentInvitation } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { SureButton } from '../../ui/sure'
import { Ago } from '../../ui/when'
import { Loading } from '../loading'
import { useMay } from '../permission'
import { RoleChoice } from './members'
import { useRun } from './run'
import { roleLabel } from './words'

export function Invitations() {
  const api = useApi()
  const asked = useQuery(invitationsQuery(api))
  const { data } = asked
  const mayWrite = useMay('invitation.write').allowed
  const [inviting, setInviting] = useState(false)
  const [sent, setSent] = useState<SentInvitation | null>(null)
  const run = useRun()
  return (
    <Section title="Invitations">
      <Loading query={asked} what="invitations" small>
        <SkeletonLines lines={2} />
      </Loading>
      {data?.length === 0 && <p className="mb-3 text-soft">Nobody is invited at the moment.</p>}
      <ul>
        {data?.map((invitation) => (
          <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b py-2.5">
            <div className="min-w-0 flex-1 basis-52">
              <p className="truncate font-medium">{invitation.email}</p>
              <p className="label">
                {roleLabel(invitation.role)}, by {invitation.inviter_name} · ends{' '}
                <Ago at={invitation.expires_at} />
              </p>
            </div>
            {mayWrite && (
              <div className="flex gap-2">
                <Button
                  size="sm"
                  onClick={() => run.mutate(async () => setSent(await inviteAgain(api, invitation.id)))}
                >
                  Send again
                </Button>
                <SureButton
                  sure="Its link ends"
                  onSure={() => run.mutate(() => revokeInvitation(api, invitation.id))}
                >
                  Revoke
                </SureButton>
              </div>
            )}
          </li>
        ))}
      </ul>
      {mayWrite && (
        <Button className="mt-3" onClick={() => setInviting(true)}>
          Invite somebody
        </Button>
      )}
      {inviting && (
        <Invite
          onClose={() => setInviting(false)}
          onSent={(made) => {
            setInviting(false)
            setSent(made)
          }}
        />
      )}
      {sent && <Sent sent={sent} onClose={() => setSent(null)} />}
    </Section>
  )
}

interface InviteProps {
  onClose: () => void
  onSent: (sent: SentInvitation) => void
}

function Invite({ onClose, onSent }: InviteProps) {
  const [draft, setDraft] = useState<NewInvitation>({ email: '', role: 'responder' })
  const api = useApi()
  const client = useQueryClient()
  const send = useMutation({
    mutationFn: () => invite(api, { ...draft, email: draft.email.trim() }),
    onSuccess: onSent,
    onSettled: () => client.invalidateQueries({ queryKey: keys.invitations }),
  })
  return (
    <FormDialog
      title="Invite somebody"
      says="They get a link. Whoever has no account yet chooses a password there."
      verb="Invite"
      busy={send.isPending}
      missing={draft.email.includes('@') ? null : 'Enter their address.'}
      failed={send.error && { title: 'Not invited', says: wording(send.error) }}
      onSend={() => send.mutate()}
      onClose={onClose}
    >
      <Field label="E-mail">
        {(control) => (
          <Input
            {...control}
            type="email"
            autoFocus
            maxLength={254}
            value={draft.email}
            onChange={({ target }) => setDraft({ ...draft, email: target.value })}
          />
        )}
      </Field>
      <p className="text-sm font-medium">Role</p>
      <RoleChoice value={draft.role} label="Role" onChange={(role) => setDraft({ ...draft, role })} />
    </FormDialog>
  )
}

const Sent = ({ sent, onClose }: { sent: SentInvitation; onClose: () => void }) => (
  <Dialog
    open
    wide
    onClose={onClose}
    title={`${sent.email} is invited`}
    footer={
      <Button look="primary" onClick={onClose}>
        Done
      </Button>
    }
  >
    {sent.link ? (
      <>
        <Banner tone="amber" className="mb-4" title="No mail server is set up">
          Hand this link over yourself. It is shown only this once.
        </Banner>
        <Snippet label="Invitation" text={sent.link} wrap />
      </>
    ) : (
      <p>A mail with the link is on its way.</p>
    )}
  </Dialog>
)
