// Who is signed in. The only file that knows supabase-js's auth.
import { isAuthApiError, type Session, type SupabaseClient } from '@supabase/supabase-js'
import { Refusal, Unreachable } from './problem'

export interface Identity {
  id: string
  email: string
}

export interface Auth {
  identity: () => Promise<Identity | null>
  token: () => Promise<string | null>
  signIn: (email: string, password: string) => Promise<void>
  /** Ends this session only. A session the server has ended already is dropped just the same. */
  signOut: () => Promise<void>
  onChange: (heard: (identity: Identity | null) => void) => () => void
}

const WORDS: Record<string, string> = {
  invalid_credentials: 'This address and password do not belong together.',
  email_not_confirmed: 'This address has not been confirmed yet. Follow the link in the mail first.',
  user_banned: 'This account is blocked. Ask an owner of your team.',
  over_request_rate_limit: 'Too many tries. Wait a minute, then try again.',
}

const identityOf = (session: Session | null): Identity | null =>
  session && { id: session.user.id, email: session.user.email ?? '' }

function failure(error: unknown): Error {
  if (!isAuthApiError(error)) return new Unreachable(error)
  const code = error.code ?? 'unknown'
  return new Refusal(error.status, { code, detail: WORDS[code] ?? error.message })
}

export function openAuth(supabase: SupabaseClient): Auth {
  const current = async () => (await supabase.auth.getSession()).data.session
  return {
    identity: async () => identityOf(await current()),
    token: async () => (await current())?.access_token ?? null,
    async signIn(email, password) {
      const { error } = await supabase.auth.signInWithPassword({ email, password })
      if (error) throw failure(error)
    },
    async signOut() {
      const { error } = await supabase.auth.signOut({ scope: 'local' })
      if (error) throw failure(error)
    },
    onChange(heard) {
      const { data } = supabase.auth.onAuthStateChange((_, session) => heard(identityOf(session)))
      return () => data.subscription.unsubscribe()
    },
  }
}
