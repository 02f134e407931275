// Shows a component as the app does, against a server that is faked where the real one begins: at fetch.
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import createHttp from 'openapi-fetch'
import type { ReactNode } from 'react'
import { openQueries } from '../api/again'
import type { Auth } from '../api/auth'
import type { Api } from '../api/client'
import { ApiContext } from '../api/context'
import type { paths } from '../api/schema'
import { Toasts } from '../ui/toast'

export interface Call {
  method: string
  path: string
  body: unknown
}

export interface Answer {
  status?: number
  body: unknown
}

const nothing = () => Promise.resolve()

const signedIn: Auth = {
  identity: () => Promise.resolve({ id: 'user-1', email: 'mara@example.com', owesFactor: false }),
  token: () => Promise.resolve('token'),
  signIn: nothing,
  signOut: nothing,
  signOutOthers: nothing,
  askCode: nothing,
  askNonce: nothing,
  useCode: nothing,
  changePassword: nothing,
  factors: () => Promise.resolve([]),
  enrol: () => Promise.resolve({ id: 'factor-1', qr: 'data:,', secret: 'ABCD' }),
  prove: nothing,
  unenrol: nothing,
  onChange: () => () => undefined,
}

/** Answers each call by "METHOD /path"; a function is asked each time. One that throws is a server that nobody reaches. */
export type Answers = Record<string, Answer | ((call: Call) => Answer | Promise<Answer>)>

export function fakeServer(answers: Answers, auth: Partial<Auth> = {}): { api: Api; calls: Call[] } {
  const calls: Call[] = []
  const answer = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname
    const text = await request.text()
    const call = { method: request.method, path, body: text ? (JSON.parse(text) as unknown) : undefined }
    calls.push(call)
    const known = answers[`${call.method} ${path}`]
    const given = typeof known === 'function' ? await known(call) : known
    const { status = 200, body } = given ?? { status: 404, body: { code: 'not_found', title: 'Not found' } }
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  }
  const http = createHttp<paths>({ baseUrl: 'http://nightdesk.test', fetch: answer })
  const api: Api = {
    http,
    config: {
      supabase_url: '',
      supabase_key: '',
      mode: 'embedded',
      version: '0',
      maintenance: { on: false, notice: '' },
    },
    auth: { ...signedIn, ...auth },
    live: { listen: () => () => undefined },
    visit: { current: () => null, begin: () => undefined, forget: () => undefined },
  }
  return { api, calls }
}

export function show(element: ReactNode, api: Api) {
  const queries = openQueries(1)
  const page = (shown: ReactNode) => (
    <ApiContext value={api}>
      <QueryClientProvider client={queries}>
        <Toasts>{shown}</Toasts>
      </QueryClientProvider>
    </ApiContext>
  )
  const { rerender } = render(page(element))
  return { queries, again: (next: ReactNode) => rerender(page(next)) }
}
