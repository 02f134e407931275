// The team itself: its name, what it asks for, and how one leaves it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changeTeam, deleteTeam, leaveTeam } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import { teamQuery } from '../../api/queries'
import type { TeamDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Field, Input, Tick } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { SureButton } from '../../ui/sure'
import { useToast } from '../../ui/toast'
import { Loading } from '../loading'
import { useMay } from '../permission'

export function TeamSettings() {
  const asked = useQuery(teamQuery(useApi()))
  const { data } = asked
  return (
    <>
      <Loading query={asked} what="team" small>
        <SkeletonLines lines={4} />
      </Loading>
      {data && <Form key={`${data.name} ${data.slug}`} team={data} />}
    </>
  )
}

const ASKS = 'require_mfa'

function Form({ team }: { team: TeamDetail }) {
  const [draft, setDraft] = useState({
    name: team.name,
    slug: team.slug,
    asks: team.settings[ASKS] === true,
  })
  const may = useMay('team.write')
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  const save = useMutation({
    mutationFn: () =>
      changeTeam(api, {
        name: draft.name,
        slug: draft.slug,
        settings: { ...team.settings, [ASKS]: draft.asks },
      }),
    onSuccess: () => toast({ tone: 'green', text: 'Saved.' }),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <Section title="Team">
      <form
        className="flex max-w-xl flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (may.allowed && !save.isPending) save.mutate()
        }}
      >
        {save.error && (
          <Banner tone="red" urgent title="Not saved">
            {wording(save.error)}
          </Banner>
        )}
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                maxLength={200}
                readOnly={!may.allowed}
                value={draft.name}
                onChange={({ target }) => setDraft({ ...draft, name: target.value })}
              />
            )}
          </Field>
          <Field label="Short name" hint="In addresses: a-z, 0-9 and dashes.">
            {(control) => (
              <Input
                {...control}
                maxLength={63}
                className="font-mono"
                readOnly={!may.allowed}
                value={draft.slug}
                onChange={({ target }) => setDraft({ ...draft, slug: target.value })}
              />
            )}
          </Field>
        </div>
        <Tick
          label="Ask for a second factor before an approval"
          hint="Whoever approves confirms with their authenticator, once for each session."
          checked={draft.asks}
          onChange={(asks) => setDraft({ ...draft, asks })}
        />
        <Button type="submit" className="mt-2 self-start" busy={save.isPending} refused={may.refused}>
          Save
        </Button>
      </form>
    </Section>
  )
}

export function Leaving() {
  const api = useApi()
  const { data: team } = useQuery(teamQuery(api))
  const mayDelete = useMay('team.delete').allowed
  const [deleting, setDeleting] = useState(false)
  const toast = useToast()
  const leave = useMutation({
    mutationFn: () => leaveTeam(api),
    onSuccess: () => location.assign('/incidents'),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
  })
  return (
    <Section title="Leaving">
      <div className="flex flex-wrap gap-2">
        <SureButton
          sure="You lose sight of everything here"
          busy={leave.isPending}
          onSure={() => leave.mutate()}
        >
          Leave the team
        </SureButton>
        {mayDelete && (
          <Button size="sm" look="danger" onClick={() => setDeleting(true)}>
            Delete the team…
          </Button>
        )}
      </div>
      {deleting && team && <DeleteTeam team={team} onClose={() => setDeleting(false)} />}
    </Section>
  )
}

function DeleteTeam({ team, onClose }: { team: TeamDetail; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const api = useApi()
  const remove = useMutation({
    mutationFn: () => deleteTeam(api, typed),
    onSuccess: () => location.assign('/incidents'),
  })
  return (
    <FormDialog
      danger
      title={`Delete ${team.name}?`}
      says="Every incident, monitor, key and member's access goes with it. This cannot be undone."
      verb="Delete everything"
      busy={remove.isPending}
      missing={typed === team.slug ? null : `Type ${team.slug} first.`}
      failed={remove.error && { title: 'Not deleted', says: wording(remove.error) }}
      onSend={() => remove.mutate()}
      onClose={onClose}
    >
      <Field label={`Type ${team.slug} to confirm`}>
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  )
}
