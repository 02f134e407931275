// Everything else that is recorded, for those who want to read it unprocessed.
import type { IncidentDetail, Investigation } from '../../api/types'
import { Snippet } from '../../ui/copy'
import { Disclosure } from '../../ui/disclosure'
import { Section } from '../../ui/section'
import { elapsed } from '../../ui/time'
import { ANALYST } from './words'

interface Props {
  incident: IncidentDetail
  investigations: Investigation[]
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2)

export function Raw({ incident, investigations }: Props) {
  return (
    <Section title="Raw details">
      {incident.description && <Part title="Description" text={incident.description} wrap />}
      {Object.keys(incident.labels).length > 0 && <Part title="Labels" text={pretty(incident.labels)} />}
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
            <p className="wrap-anywhere text-soft">{investigation.error ?? investigation.summary}</p>
          )}
        </li>
      ))}
    </ul>
  </Disclosure>
)
