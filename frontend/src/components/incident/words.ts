// How an incident's states read and look. Records over the API's unions: a new value does not compile until it is named here.
import type {
  Analyst,
  Category,
  Confidence,
  IncidentStatus,
  IncidentVerb,
  Severity,
  Verdict,
  Verification,
} from '../../api/types'
import type { Tone } from '../../ui/tone'

interface Word {
  label: string
  tone: Tone
  says: string
}

interface StatusWord extends Word {
  /** Something is going on right now. */
  working: boolean
  closed: boolean
}

export const STATUS: Record<IncidentStatus, StatusWord> = {
  detected: {
    label: 'Detected',
    tone: 'quiet',
    says: 'Waiting for the investigator.',
    working: true,
    closed: false,
  },
  investigating: {
    label: 'Investigating',
    tone: 'accent',
    says: 'Evidence is being gathered.',
    working: true,
    closed: false,
  },
  analyzed: {
    label: 'Analyzed',
    tone: 'quiet',
    says: 'The investigation is done; nothing waits for approval.',
    working: false,
    closed: false,
  },
  awaiting_approval: {
    label: 'Awaiting approval',
    tone: 'amber',
    says: 'A proposal waits for a person.',
    working: false,
    closed: false,
  },
  executing_solution: {
    label: 'Executing',
    tone: 'accent',
    says: 'The approved action is being run.',
    working: true,
    closed: false,
  },
  verifying: {
    label: 'Verifying',
    tone: 'accent',
    says: 'The action has run; its effect is being checked.',
    working: true,
    closed: false,
  },
  resolved: { label: 'Resolved', tone: 'green', says: 'It is over.', working: false, closed: true },
  failed: {
    label: 'Failed',
    tone: 'red',
    says: 'The automation gave up; it did not recover.',
    working: false,
    closed: true,
  },
}

export const STATUSES = Object.keys(STATUS) as IncidentStatus[]
export const OPEN = STATUSES.filter((status) => !STATUS[status].closed)
export const CLOSED = STATUSES.filter((status) => STATUS[status].closed)

export const SEVERITY: Record<Severity, { label: string; tone: Tone; bars: number }> = {
  critical: { label: 'Critical', tone: 'red', bars: 4 },
  high: { label: 'High', tone: 'orange', bars: 3 },
  medium: { label: 'Medium', tone: 'amber', bars: 2 },
  low: { label: 'Low', tone: 'quiet', bars: 1 },
}

export const SEVERITIES = Object.keys(SEVERITY) as Severity[]

export const CONFIDENCE: Record<Confidence, Word & { filled: number }> = {
  confirmed: {
    label: 'Confirmed',
    tone: 'green',
    says: 'Independent kinds of evidence agree and nothing speaks against it.',
    filled: 3,
  },
  likely: {
    label: 'Likely',
    tone: 'accent',
    says: 'Direct evidence supports it, but one source alone or with a gap.',
    filled: 2,
  },
  possible: {
    label: 'Possible',
    tone: 'amber',
    says: 'It would explain what was seen; other causes would, too.',
    filled: 1,
  },
  ruled_out: { label: 'Ruled out', tone: 'quiet', says: 'Evidence contradicts it.', filled: 0 },
}

export const VERDICT: Record<Verdict, Word> = {
  incident: { label: 'Incident', tone: 'red', says: 'Something is broken.' },
  not_an_incident: {
    label: 'Nothing is broken',
    tone: 'green',
    says: 'The service is healthy, or has recovered before anything had to be done.',
  },
  inconclusive: {
    label: 'Inconclusive',
    tone: 'amber',
    says: 'The evidence that could be had does not decide what is wrong.',
  },
}

export const ANALYST: Record<Analyst, { label: string; says: string }> = {
  rules: { label: 'Rules analyst', says: 'Deterministic: the same evidence always gives the same answer.' },
  llm: { label: 'Model', says: 'A language model; its quotes were checked against the evidence.' },
}

export const VERIFICATION: Record<Verification, Word> = {
  recovered: { label: 'Recovered', tone: 'green', says: 'The checks held through the settle window.' },
  not_recovered: {
    label: 'Not recovered',
    tone: 'red',
    says: 'The action ran, but the trouble is still there.',
  },
  inconclusive: {
    label: 'Inconclusive',
    tone: 'amber',
    says: 'The checks could not tell whether it recovered. A person has to look.',
  },
}

interface IncidentVerbWord {
  label: string
  done: string
  says: string
  /** What a person may add, and where it goes; null: nothing, it is done at once. */
  ask: { field: 'comment' | 'hint'; label: string; hint: string } | null
}

const COMMENT = { field: 'comment', label: 'Comment', hint: 'Optional; it goes into the timeline.' } as const

export const INCIDENT_VERB: Record<IncidentVerb, IncidentVerbWord> = {
  acknowledge: {
    label: 'Acknowledge',
    done: 'Acknowledged. It is yours.',
    says: 'Tells everybody that you are on it. Stops paging; changes nothing else.',
    ask: null,
  },
  investigate: {
    label: 'Investigate again',
    done: 'A new investigation is under way.',
    says: 'Gathers fresh evidence. An open proposal is withdrawn.',
    ask: { field: 'hint', label: 'Hint', hint: 'Optional; what the investigator should look at.' },
  },
  resolve: {
    label: 'Resolve',
    done: 'Resolved. The post-mortem is being written.',
    says: 'Ends the incident and asks for its post-mortem.',
    ask: COMMENT,
  },
  reopen: {
    label: 'Reopen',
    done: 'Reopened. An investigation starts.',
    says: 'Takes the incident up again, starting with an investigation.',
    ask: COMMENT,
  },
}

export const CATEGORY: Record<Category, string> = {
  app_crash: 'App crash',
  oom: 'Out of memory',
  config_error: 'Config error',
  dependency_failure: 'Dependency failure',
  memory_pressure: 'Memory pressure',
  cpu_throttling: 'CPU throttling',
  restart_loop: 'Restart loop',
  network_error: 'Network error',
  disk_pressure: 'Disk pressure',
  unknown: 'Unknown',
  connection_exhaustion: 'Connection exhaustion',
  lock_contention: 'Lock contention',
  slow_query: 'Slow query',
  replication_lag: 'Replication lag',
  certificate_expired: 'Certificate expired',
  dns_failure: 'DNS failure',
  image_pull_error: 'Image pull error',
  probe_failure: 'Probe failure',
  bad_deploy: 'Bad deploy',
  scheduling_failure: 'Scheduling failure',
  node_failure: 'Node failure',
  quota_exceeded: 'Quota exceeded',
  rate_limited: 'Rate limited',
  permission_denied: 'Permission denied',
  healthy: 'Healthy',
}

/** What can be repaired. */
export const REPAIRABLE = (Object.keys(CATEGORY) as Category[]).filter(
  (category) => category !== 'unknown' && category !== 'healthy',
)

export const isCategory = (value: string): value is Category => Object.hasOwn(CATEGORY, value)

/** A category in words; one that this page has not heard of is spoken as it is. */
export function categoryLabel(category: string): string {
  if (isCategory(category)) return CATEGORY[category]
  const text = category.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A sentence without the spelling that machines have for categories. */
export const inWords = (sentence: string): string =>
  sentence.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (word) => (isCategory(word) ? word.replaceAll('_', ' ') : word))

/** The investigator's step, told as a sentence begins: "asking loki" → "Asking loki". */
export const stepWording = (step: string): string =>
  step ? step.charAt(0).toUpperCase() + step.slice(1) : 'Starting'
