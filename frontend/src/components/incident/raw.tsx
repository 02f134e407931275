// Everything else that is recorded, for those who want to read it unprocessed.
import type { Alert, IncidentDetail, Investigation } from '../../api/types'
import { Snippet } from '../../ui/copy'
import { Disclosure } from '../../ui/disclosure'
import { useNow } from '../../ui/now'
import { Section } from '../../ui/section'
import { elapsed } from '../../ui/time'
import { useTimes } from '../../ui/times'
import { ANALYST } from './words'

interface Props {
  incident: IncidentDetail
  alerts: Alert[]
  investigations: Investigation[]
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2)

export function Raw({ incident, alerts, investigations }: Props) {
  return (
    <Section title="Raw details">
      {incident.description && <Part title="Description" text={incident.description} wrap />}
      {Object.keys(incident.labels).length > 0 && <Part title="Labels" text={pretty(incident.labels)} />}
      {alerts.length > 0 && <Alerts alerts={alerts} />}
      {investigations.length > 0 && <Investigations investigations={investigations} />}
      {incident.agent_reasoning && <Part title="Analyst's reasoning" text={incident.agent_reasoning} wrap />}
      {incident.logs && <Part title="Logs at detection" text={incident.logs} />}
      {incident.metrics_snapshot !== null && (
        <Part title="Metrics at detection" text={pretty(incident.metrics_snapshot)} />
      )}
      <Part title="Record" text={pretty({ id: incident.id, fingerprint: incident.fingerprint })} />
    </Section>
  )
}

const Part = ({ title, text, wrap = false }: { title: string; text: string; wrap?: boolean }) => (
  <Disclosure summary={title}>
    <Snippet label={title} text={text} wrap={wrap} />
  </Disclosure>
)

function Alerts({ alerts }: { alerts: Alert[] }) {
  const now = useNow()
  const { moment } = useTimes()
  return (
    <Disclosure summary={`Alerts (${alerts.length})`}>
      <ul className="flex flex-col gap-3">
        {alerts.map((alert) => (
          <li key={alert.id} className="min-w-0 text-sm">
            <p className="flex flex-wrap items-baseline gap-x-3">
              <span className="font-medium">{alert.name}</span>
              <span className={alert.status === 'firing' ? 'text-red' : 'text-green'}>{alert.status}</span>
              <span className="label tabular">
                from {moment(alert.starts_at, now)}
                {alert.ends_at && ` to ${moment(alert.ends_at, now)}`}, received {alert.receipts} times
              </span>
            </p>
            <Snippet
              label={alert.source}
              text={pretty({ labels: alert.labels, annotations: alert.annotations })}
            />
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}

const took = ({ started_at, finished_at }: Investigation) =>
  started_at && finished_at ? `, ${elapsed(Date.parse(finished_at) - Date.parse(started_at))}` : ''

const tokens = ({ tokens_in, tokens_out }: Investigation) =>
  tokens_in + tokens_out > 0 ? `, ${tokens_in} tokens in, ${tokens_out} out` : ''

const Investigations = ({ investigations }: { investigations: Investigation[] }) => (
  <Disclosure summary={`Investigations (${investigations.length})`}>
    <ul className="flex flex-col gap-2 text-sm">
      {investigations.map((investigation) => (
        <li key={investigation.id}>
          <p className="tabular">
            Round {investigation.round}: {investigation.status}
            <span className="text-faint">
              {investigation.analyst && `, ${investigation.model ?? ANALYST[investigation.analyst].label}`}
              {took(investigation)}
              {tokens(investigation)}
            </span>
          </p>
          {(investigation.error ?? investigation.summary) && (
            <p className="text-soft">{investigation.error ?? investigation.summary}</p>
          )}
        </li>
      ))}
    </ul>
  </Disclosure>
)
