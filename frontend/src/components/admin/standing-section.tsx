// A team's standing and what can be done about it: suspend it, let it go on, extend its trial.
import { useState } from 'react'
import { setTrial, suspendTeam, unsuspendTeam } from '../../api/admin'
import { useApi } from '../../api/context'
import type { AdminTeamDetail } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Field, Select } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { useNow } from '../../ui/now'
import { Section } from '../../ui/section'
import { SureButton } from '../../ui/sure'
import { Ago, Moment } from '../../ui/when'
import { useMay } from '../permission'
import { useRun } from '../team/run'
import { AskReason } from './ask-reason'
import { trialChoices } from './trial'

export function StandingSection({ team }: { team: AdminTeamDetail }) {
  const [asking, setAsking] = useState<'suspend' | 'trial' | null>(null)
  const may = useMay('platform.team')
  const api = useApi()
  const run = useRun()
  const close = () => setAsking(null)
  return (
    <Section title="Standing">
      {team.suspended_at ? (
        <Banner tone="red" className="mb-3" title="Suspended">
          <Ago at={team.suspended_at} />
          {team.suspended_reason && `: ${team.suspended_reason}`}
        </Banner>
      ) : (
        <p className="mb-3 text-sm text-soft">In use. Everything can be changed by its members.</p>
      )}
      <p className="mb-3 text-sm">
        {team.trial_ends_at ? (
          <>
            Its trial ends <Ago at={team.trial_ends_at} />, on{' '}
            <Moment at={team.trial_ends_at} className="tabular" />.
          </>
        ) : (
          'It is not on trial.'
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button refused={may.refused} onClick={() => setAsking('trial')}>
          Change the trial…
        </Button>
        {team.suspended_at ? (
          <SureButton
            size="md"
            sure="Its members work again"
            refused={may.refused}
            busy={run.isPending}
            onSure={() => run.mutate(() => unsuspendTeam(api, team.id))}
          >
            End the suspension
          </SureButton>
        ) : (
          <Button look="danger" refused={may.refused} onClick={() => setAsking('suspend')}>
            Suspend…
          </Button>
        )}
      </div>
      {asking === 'suspend' && (
        <AskReason
          danger
          title={`Suspend ${team.name}?`}
          says="Nothing can be changed there any more, and only its admins can look. Its data stays."
          verb="Suspend it"
          hint="Its members read it."
          run={(reason) => suspendTeam(api, team.id, reason)}
          onDone={close}
          onClose={close}
        />
      )}
      {asking === 'trial' && <TrialDialog team={team} onClose={close} />}
    </Section>
  )
}

function TrialDialog({ team, onClose }: { team: AdminTeamDetail; onClose: () => void }) {
  const [choice, setChoice] = useState(0)
  const now = useNow()
  const api = useApi()
  const run = useRun()
  const choices = trialChoices(team.trial_ends_at, now)
  const { endsAt } = choices[choice] ?? choices[0]
  return (
    <FormDialog
      title={`The trial of ${team.name}`}
      says="When it is over, everything there can be read and nothing changed."
      verb="Set it"
      busy={run.isPending}
      onSend={() => run.mutate(() => setTrial(api, team.id, endsAt).then(onClose))}
      onClose={onClose}
    >
      <Field label="Give it" hint={endsAt ? <EndsOn at={endsAt} /> : 'The team goes on without an end.'}>
        {(control) => (
          <Select {...control} value={choice} onChange={({ target }) => setChoice(Number(target.value))}>
            {choices.map(({ label }, n) => (
              <option key={label} value={n}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  )
}

const EndsOn = ({ at }: { at: string }) => (
  <>
    It then ends on <Moment at={at} className="tabular" />.
  </>
)
