// What a person may do to the incident as a whole. Which of it is possible now, and why not, is the server's word.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { actOnIncident } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { IncidentDetail, IncidentVerb, Said } from '../../api/types'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Textarea } from '../../ui/field'
import { useMay } from '../permission'
import { Menu, MenuItem } from '../../ui/menu'
import { useToast } from '../../ui/toast'
import { ExportItem } from './export'
import { INCIDENT_VERB, STATUS } from './words'

function shown({ status }: IncidentDetail): IncidentVerb[] {
  if (!STATUS[status].closed) return ['acknowledge', 'investigate', 'resolve']
  // A failed incident can still be resolved by hand.
  return status === 'failed' ? ['reopen', 'resolve'] : ['reopen']
}

/** Why a verb is not possible now: the incident's own state, or nothing can be changed at all. */
type Refusal = (verb: IncidentVerb) => string | null

function useRefusal(incident: IncidentDetail): Refusal {
  const { refused } = useMay('incident.write')
  return (verb) => {
    const { allowed, reason } = incident.verbs[verb]
    return allowed ? refused : (reason ?? 'Not possible now.')
  }
}

export function Verbs({ incident }: { incident: IncidentDetail }) {
  const [asking, setAsking] = useState<IncidentVerb | null>(null)
  const refusal = useRefusal(incident)
  const act = useAct(incident.id, () => setAsking(null))
  const start = (verb: IncidentVerb) =>
    INCIDENT_VERB[verb].ask ? setAsking(verb) : act.mutate({ verb, said: {} })
  const verbs = shown(incident)
  const [first, ...others] = verbs
  // What it was is known when it is over.
  const exporting = STATUS[incident.status].closed ? <ExportItem incident={incident} /> : null
  const button = (verb: IncidentVerb) => (
    <Button
      key={verb}
      look="ghost"
      size="sm"
      busy={act.isPending && act.variables.verb === verb}
      refused={refusal(verb)}
      title={INCIDENT_VERB[verb].says}
      onClick={() => start(verb)}
    >
      {INCIDENT_VERB[verb].label}
    </Button>
  )
  return (
    <>
      <div className="-mr-2 hidden items-center gap-1 sm:flex">
        {verbs.map(button)}
        {exporting && <More>{exporting}</More>}
      </div>
      <div className="-mr-3 flex items-center sm:hidden">
        {first && button(first)}
        {(others.length > 0 || exporting) && (
          <More>
            {others.map((verb) => (
              <MenuItem key={verb} note={refusal(verb)} onSelect={() => start(verb)}>
                {INCIDENT_VERB[verb].label}
              </MenuItem>
            ))}
            {exporting}
          </More>
        )}
      </div>
      {asking && (
        <Ask
          verb={asking}
          incident={incident}
          busy={act.isPending}
          onClose={() => setAsking(null)}
          onYes={act.mutate}
        />
      )}
    </>
  )
}

/** What is seldom done; and on a phone, which has room for one button, the other verbs. */
const More = ({ children }: { children: ReactNode }) => (
  <Menu
    trigger={
      <Button look="ghost" size="sm" aria-label="More to do">
        <Ellipsis aria-hidden className="size-5" />
      </Button>
    }
  >
    {children}
  </Menu>
)

interface Order {
  verb: IncidentVerb
  said: Said
}

function useAct(id: string, done: () => void) {
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: ({ verb, said }: Order) => actOnIncident(api, id, verb, said),
    onSuccess: (incident, { verb }) => {
      client.setQueryData(keys.detail(id), incident)
      toast({ tone: 'green', text: INCIDENT_VERB[verb].done })
    },
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => {
      done()
      void client.invalidateQueries({ queryKey: keys.incident(id) })
      void client.invalidateQueries({ queryKey: keys.incidents })
    },
  })
}

interface AskProps {
  verb: IncidentVerb
  incident: IncidentDetail
  busy: boolean
  onClose: () => void
  onYes: (order: Order) => void
}

function Ask({ verb, incident, busy, onClose, onYes }: AskProps) {
  const [text, setText] = useState('')
  const { label, says, ask } = INCIDENT_VERB[verb]
  const said = ask && text.trim() ? { [ask.field]: text.trim() } : {}
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${label} #${incident.number}?`}
      says={says}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => onYes({ verb, said })}>
            {label}
          </Button>
        </>
      }
    >
      <p className="text-sm">{incident.title}</p>
      {verb === 'resolve' && incident.firing && (
        <p className="mt-2 text-sm text-amber">
          Its source still reports trouble. A further alert opens a new incident.
        </p>
      )}
      {ask && (
        <Field label={ask.label} hint={ask.hint} className="mt-4">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={2000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      )}
    </Dialog>
  )
}
