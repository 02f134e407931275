// The most that the model may cost in a month: whose word that is, what happens then, and how a team lowers it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { setCap } from '../../api/model'
import { wording } from '../../api/problem'
import type { Usage } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Field, Input } from '../../ui/field'
import { Section } from '../../ui/section'
import { useToast } from '../../ui/toast'
import { useMay } from '../permission'
import { capOf, capSaved, dollars } from './words'

function whose({ cap_usd, team_cap_usd }: Usage): string {
  if (team_cap_usd === null) return 'Set by those who run the installation.'
  if (team_cap_usd > cap_usd)
    return `Set by those who run the installation; the team's own, ${dollars(team_cap_usd)}, is higher and changes nothing.`
  return 'Set by the team.'
}

export function Cap({ usage }: { usage: Usage }) {
  const may = useMay('team.write')
  return (
    <Section title="Monthly cap">
      <p className="text-sm">
        <span className="font-semibold tabular">{dollars(usage.cap_usd)}</span>{' '}
        <span className="text-soft">{whose(usage)}</span>
      </p>
      <p className="mt-2 max-w-prose text-sm text-soft">
        A call that could go over the cap is not made. From then until the month ends (UTC) the rules
        investigate alone: incidents still get their evidence, a cause and a proposal, only without the
        model&apos;s second look. Each incident says so. Nothing waits, and nothing fails.
      </p>
      {may.allowed && <CapForm key={String(usage.team_cap_usd)} usage={usage} refused={may.refused} />}
    </Section>
  )
}

function CapForm({ usage, refused }: { usage: Usage; refused: string | null }) {
  const known = usage.team_cap_usd === null ? '' : String(usage.team_cap_usd)
  const [typed, setTyped] = useState(known)
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  const save = useMutation({
    mutationFn: (cap: number | null) => setCap(api, cap),
    onSuccess: (changed) => {
      client.setQueryData(keys.usage, changed)
      toast({ tone: 'green', text: capSaved(changed) })
    },
  })
  const cap = capOf(typed)
  const wrong = typeof cap === 'string' ? cap : null
  return (
    <form
      className="mt-4 flex max-w-md flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (typeof cap !== 'string' && refused === null && !save.isPending) save.mutate(cap)
      }}
    >
      {save.error && (
        <Banner tone="red" urgent title="Not saved">
          {wording(save.error)}
        </Banner>
      )}
      <Field
        label="The team's own cap, in US dollars a month"
        hint="Empty: only the installation's counts. 0: the model is not asked at all."
        error={wrong}
      >
        {(control) => (
          <span className="flex gap-2">
            <Input
              {...control}
              inputMode="decimal"
              maxLength={12}
              placeholder="none"
              className="max-w-40 tabular"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
            <Button
              type="submit"
              size="field"
              busy={save.isPending}
              refused={refused ?? wrong ?? (typed.trim() === known ? 'This is the cap already.' : null)}
            >
              Save
            </Button>
          </span>
        )}
      </Field>
    </form>
  )
}
