// What a person may do to the incident as a whole. Which of it is possible now, and why not, is the server's word.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { actOnIncident } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { IncidentDetail, IncidentVerb } from '../../api/types'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { useToast } from '../../ui/toast'
import { INCIDENT_VERB, STATUS } from './words'

const WHEN_OPEN: IncidentVerb[] = ['acknowledge', 'investigate', 'resolve']
const WHEN_CLOSED: IncidentVerb[] = ['reopen']

/** Ending or restarting an incident is asked about; taking it on is not. */
const ASKED: Record<IncidentVerb, boolean> = { acknowledge: false, investigate: false, resolve: true, reopen: true }

export function Verbs({ incident }: { incident: IncidentDetail }) {
  const [asking, setAsking] = useState<IncidentVerb | null>(null)
  const act = useAct(incident.id, () => setAsking(null))
  const shown = STATUS[incident.status].closed ? WHEN_CLOSED : WHEN_OPEN
  // A failed incident can still be resolved by hand.
  const verbs = incident.status === 'failed' ? [...shown, 'resolve' as const] : shown
  return (
    <div className="flex flex-wrap items-center gap-1">
      {verbs.map((verb) => (
        <Button
          key={verb}
          look="ghost"
          size="sm"
          busy={act.isPending && act.variables === verb}
          refused={incident.verbs[verb].allowed ? null : (incident.verbs[verb].reason ?? 'Not possible now.')}
          title={INCIDENT_VERB[verb].says}
          onClick={() => (ASKED[verb] ? setAsking(verb) : act.mutate(verb))}
        >
          {INCIDENT_VERB[verb].label}
        </Button>
      ))}
      {asking && (
        <Ask verb={asking} incident={incident} busy={act.isPending} onClose={() => setAsking(null)} onYes={act.mutate} />
      )}
    </div>
  )
}

function useAct(id: string, done: () => void) {
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (verb: IncidentVerb) => actOnIncident(api, id, verb),
    onSuccess: (incident, verb) => {
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
  onYes: (verb: IncidentVerb) => void
}

function Ask({ verb, incident, busy, onClose, onYes }: AskProps) {
  const { label, says } = INCIDENT_VERB[verb]
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${label} #${incident.number}?`}
      says={says}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => onYes(verb)}>
            {label}
          </Button>
        </>
      }
    >
      <p className="text-sm">{incident.title}</p>
      {verb === 'resolve' && incident.firing && (
        <p className="mt-2 text-sm text-amber">Its source still reports trouble. A further alert opens a new incident.</p>
      )}
    </Dialog>
  )
}
