// The one door to the server: made once at start, handed down through ApiContext.
import { createClient as createSupabase } from '@supabase/supabase-js'
import createHttp, { type Client } from 'openapi-fetch'
import { openAuth, type Auth } from './auth'
import { openLive, type Live } from './live'
import { answered, problemCode } from './problem'
import { captchaToken } from './proof'
import type { paths } from './schema'
import type { Config } from './types'
import { asOneself, openVisit, type Visit } from './visit'

export interface Api {
  config: Config
  http: Client<paths>
  auth: Auth
  live: Live
  /** Whom this tab acts as, if not as oneself. */
  visit: Visit
}

const base = () => createHttp<paths>({ baseUrl: location.origin })

export const loadConfig = (): Promise<Config> => answered(base().GET('/api/config'))

function authorised(auth: Auth, visit: Visit): Client<paths> {
  const http = base()
  http.use({
    async onRequest({ request }) {
      const token = await auth.token()
      if (token) request.headers.set('Authorization', `Bearer ${token}`)
      const permit = visit.current()
      if (permit && !asOneself(new URL(request.url).pathname)) request.headers.set('X-Impersonate', permit)
      return request
    },
    async onResponse({ response }) {
      // The token was refused although it has not expired: the session was ended elsewhere.
      if (response.status === 401) await auth.signOut().catch(() => undefined)
      // Nothing of the other team may stay on the screen.
      if (visit.current() && (await problemCode(response)) === 'visit_over') {
        visit.forget()
        location.assign('/')
      }
      return response
    },
  })
  return http
}

/** The embedded edge is served beside this page, under whatever name the page was reached by. */
const supabaseUrl = (config: Config): string =>
  config.mode === 'embedded' ? location.origin : config.supabase_url

const supabaseOf = (config: Config) =>
  createSupabase(supabaseUrl(config), config.supabase_key, {
    auth: { storageKey: 'nightdesk.session', detectSessionInUrl: false },
  })

export function openApi(config: Config): Api {
  const supabase = supabaseOf(config)
  const auth = openAuth(supabase, () => captchaToken(supabaseUrl(config), config.supabase_key))
  const visit = openVisit(sessionStorage)
  auth.onChange((identity) => {
    if (!identity) visit.forget()
  })
  return { config, http: authorised(auth, visit), auth, live: openLive(supabase), visit }
}
