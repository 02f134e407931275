// Two ways a call fails: the server refused and says why, or nobody answered.

export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  code?: string
  [extra: string]: unknown
}

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`)
    this.name = 'Refusal'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.problem = problem
  }
}

export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('Nightdesk does not answer. Check your connection; nothing was changed.', { cause })
    this.name = 'Unreachable'
  }
}

export const isRefusal = (error: unknown, code?: string): error is Refusal =>
  error instanceof Refusal && (code === undefined || error.code === code)

/** A call is worth repeating when nobody answered or the server had trouble of its own. */
export const worthRepeating = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Refusal && (error.status >= 500 || error.status === 429))

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

function problemOf(error: unknown): Problem {
  return typeof error === 'object' && error !== null ? (error as Problem) : {}
}

/** The code of a refusal, without taking its body from whoever reads it next. */
export async function problemCode(response: Response): Promise<string | undefined> {
  if (response.ok) return undefined
  try {
    return problemOf(await response.clone().json()).code
  } catch {
    return undefined
  }
}

/** The answer's body, or the failure as an exception. */
export async function answered<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new Unreachable(cause)
  })
  if (!response.ok) throw new Refusal(response.status, problemOf(error))
  return data as T
}

/** What a person reads when something failed. */
export const wording = (error: unknown): string =>
  error instanceof Error ? error.message : 'Something failed without saying why.'

/** What is the matter with the server, for those who wait for it. */
export function troubleOf(error: Error): string {
  if (!(error instanceof Refusal)) return 'Nightdesk does not answer'
  return error.status === 429
    ? 'Nightdesk is asked too often'
    : `Nightdesk answers with error ${error.status}`
}

/** The same in full, with what the server says itself. */
export function troubleInWords(error: Error): string {
  if (!(error instanceof Refusal)) return 'Nightdesk does not answer, or this device does not reach it.'
  return [`${troubleOf(error)}.`, error.problem.detail].filter(Boolean).join(' ')
}
