// One line of the audit log: who did what to what, from where, and what differs.
import type { AuditEntry } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { Facts } from '../../ui/section'
import { Chip } from '../../ui/tag'
import { Moment } from '../../ui/when'

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))

export const AuditRow = ({ entry }: { entry: AuditEntry }) => (
  <li className="border-b py-0.5 last:border-b-0">
    <Disclosure
      summary={
        <span className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 md:grid-cols-[9rem_minmax(0,14rem)_11rem_minmax(0,1fr)]">
          <span className="order-2 text-right label tabular md:order-none md:text-left">
            <Moment at={entry.created_at} />
          </span>
          <span className="flex min-w-0 items-baseline gap-1.5">
            <span className="truncate font-medium">{entry.actor}</span>
            {entry.actor_kind === 'api_key' && <Chip>API key</Chip>}
            {entry.impersonator && <Chip tone="amber">by {entry.impersonator}</Chip>}
          </span>
          <code className="order-3 col-span-full font-mono text-xs text-soft md:order-none md:col-span-1">
            {entry.action}
          </code>
          <span className="order-4 col-span-full min-w-0 truncate text-soft md:order-none md:col-span-1">
            {entry.object_name ?? entry.object_id ?? entry.object_type}
            {entry.team_name && <span className="text-faint"> in {entry.team_name}</span>}
          </span>
        </span>
      }
    >
      <Changes entry={entry} />
      <Facts
        facts={[
          ...(entry.team_name ? [{ name: 'Team', value: entry.team_name }] : []),
          { name: 'Object', value: `${entry.object_type} ${entry.object_id ?? ''}` },
          {
            name: 'From',
            value: [entry.ip_address, entry.city, entry.country].filter(Boolean).join(', ') || 'inside',
          },
          { name: 'With', value: entry.user_agent ?? 'not said' },
        ]}
      />
    </Disclosure>
  </li>
)

function Changes({ entry: { before, after } }: { entry: AuditEntry }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  if (names.length === 0) return null
  return (
    <table className="mb-3 w-full table-fixed rounded-md bg-sunken font-mono text-xs">
      <thead>
        <tr className="text-left text-faint">
          <th className="px-3 py-1.5 font-normal">Field</th>
          <th className="px-3 py-1.5 font-normal">Before</th>
          <th className="px-3 py-1.5 font-normal">After</th>
        </tr>
      </thead>
      <tbody className="align-top">
        {names.map((name) => (
          <tr key={name}>
            <th scope="row" className="px-3 py-1 text-left font-normal wrap-anywhere">
              {name}
            </th>
            <td className="px-3 py-1 wrap-anywhere text-soft">{before ? shown(before[name]) : ''}</td>
            <td className="px-3 py-1 wrap-anywhere">{after ? shown(after[name]) : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
