// Who is signed in, and how sure that is. The only file that knows supabase-js's auth.
import { isAuthApiError, type AuthError, type Session, type SupabaseClient } from '@supabase/supabase-js'
import { aalOf } from './jwt'
import { Refusal, Unreachable, isRefusal } from './problem'

export interface Identity {
  id: string
  email: string
  /** A second factor is set up, and this session has not shown it. */
  owesFactor: boolean
}

export interface Factor {
  id: string
  name: string
  createdAt: string
}

export interface Enrolment {
  id: string
  /** A data: URL of the picture. */
  qr: string
  secret: string
}

export interface Auth {
  identity: () => Promise<Identity | null>
  token: () => Promise<string | null>
  /** `onWork`: the server asks for a proof of work first, which takes some seconds. */
  signIn: (email: string, password: string, onWork: () => void) => Promise<void>
  /** Ends this session only. A session the server has ended already is dropped just the same. */
  signOut: () => Promise<void>
  /** Ends every other session. */
  signOutOthers: () => Promise<void>
  /** Sends a one-time code to the address, if somebody has it. */
  askCode: (email: string) => Promise<void>
  /** Sends a code to the person signed in, for `changePassword`. */
  askNonce: () => Promise<void>
  /** Signs in with the code of a mail. */
  useCode: (email: string, code: string, purpose: 'recovery' | 'invite') => Promise<void>
  /** `nonce`: the code of askNonce, when the first try was refused with reauthentication_needed. */
  changePassword: (password: string, nonce?: string) => Promise<void>
  factors: () => Promise<Factor[]>
  enrol: (name: string) => Promise<Enrolment>
  /** Shows the code of an app, or one recovery code in its place. Without a factor named: whichever it belongs to. */
  prove: (code: string, factorId?: string) => Promise<void>
  unenrol: (factorId: string) => Promise<void>
  onChange: (heard: (identity: Identity | null) => void) => () => void
}

const WORDS: Record<string, string> = {
  invalid_credentials: 'This address and password do not belong together.',
  email_not_confirmed: 'This address has not been confirmed yet. Follow the link in the mail first.',
  user_banned: 'This account is blocked. Ask an owner of your team.',
  captcha_failed: 'The check against robots failed. Try once more.',
  reauthentication_needed: 'You signed in long ago. A code was mailed to you; enter it, too.',
  reauthentication_not_valid: 'This code is wrong or has expired.',
  otp_expired: 'This code is wrong or has expired. Ask for a new one.',
  same_password: 'That is the password you have already.',
  mfa_verification_failed: 'This code is not right, or was used already. Wait for the next one.',
  mfa_challenge_expired: 'That took too long, or too many wrong codes were tried. Try again.',
  mfa_factor_name_conflict: 'You have an authenticator of that name already.',
  too_many_enrolled_mfa_factors: 'You have as many authenticators as are possible. Remove one first.',
  insufficient_aal: 'Confirm with your authenticator first.',
  no_factor: 'You have not set up an authenticator yet.',
}

export function identityOf(session: Session | null): Identity | null {
  if (!session) return null
  const { id, email = '', factors = [] } = session.user
  const has = factors.some((factor) => factor.status === 'verified')
  return { id, email, owesFactor: has && aalOf(session.access_token) !== 'aal2' }
}

function failure(error: unknown): Error {
  if (!isAuthApiError(error)) return new Unreachable(error)
  const code = error.code ?? 'unknown'
  return new Refusal(error.status, { code, detail: WORDS[code] ?? error.message })
}

interface Outcome {
  data: unknown
  error: AuthError | null
}

async function done<R extends Outcome>(call: Promise<R>): Promise<Extract<R, { error: null }>['data']> {
  const { data, error } = await call
  if (error) throw failure(error)
  return data
}

async function ended(call: Promise<{ error: AuthError | null }>): Promise<void> {
  const { error } = await call
  if (error) throw failure(error)
}

const captcha = (captchaToken?: string) => (captchaToken === undefined ? {} : { captchaToken })

/** Once more with a token, when the server asks for one. */
async function guarded(
  run: (captchaToken?: string) => Promise<unknown>,
  proof: () => Promise<string>,
  onWork?: () => void,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!isRefusal(error, 'captcha_failed')) throw error
    onWork?.()
    await run(await proof())
  }
}

/** `proof` does the work that the server asks for after failed tries. */
export function openAuth(supabase: SupabaseClient, proof: () => Promise<string>): Auth {
  const { auth } = supabase
  const current = async () => (await auth.getSession()).data.session
  return {
    identity: async () => identityOf(await current()),
    token: async () => (await current())?.access_token ?? null,
    signIn: (email, password, onWork) =>
      guarded(
        (token) => done(auth.signInWithPassword({ email, password, options: captcha(token) })),
        proof,
        onWork,
      ),
    async signOut() {
      await ended(auth.signOut({ scope: 'local' }))
    },
    async signOutOthers() {
      await ended(auth.signOut({ scope: 'others' }))
    },
    askCode: (email) => guarded((token) => done(auth.resetPasswordForEmail(email, captcha(token))), proof),
    useCode: (email, code, type) =>
      guarded((token) => done(auth.verifyOtp({ email, token: code, type, options: captcha(token) })), proof),
    async askNonce() {
      await done(auth.reauthenticate())
    },
    async changePassword(password, nonce) {
      await done(auth.updateUser({ password, ...(nonce ? { nonce } : {}) }))
    },
    ...secondFactor(supabase),
    onChange(heard) {
      const { data } = auth.onAuthStateChange((_, session) => heard(identityOf(session)))
      return () => data.subscription.unsubscribe()
    },
  }
}

type SecondFactor = Pick<Auth, 'factors' | 'enrol' | 'prove' | 'unenrol'>

function secondFactor({ auth: { mfa } }: SupabaseClient): SecondFactor {
  const factors = async () =>
    (await done(mfa.listFactors())).totp.map((factor) => ({
      id: factor.id,
      name: factor.friendly_name ?? '',
      createdAt: factor.created_at,
    }))
  const verify = (factorId: string, code: string) => done(mfa.challengeAndVerify({ factorId, code }))
  return {
    factors,
    async enrol(name) {
      const { id, totp } = await done(mfa.enroll({ factorType: 'totp', friendlyName: name }))
      return { id, qr: totp.qr_code, secret: totp.secret }
    },
    async prove(code, factorId) {
      const ids = factorId === undefined ? (await factors()).map(({ id }) => id) : [factorId]
      let refused: unknown = new Refusal(422, { code: 'no_factor', detail: WORDS.no_factor ?? '' })
      for (const id of ids) {
        try {
          await verify(id, code.trim())
          return
        } catch (error) {
          refused = error
        }
      }
      throw refused
    },
    async unenrol(factorId) {
      await done(mfa.unenroll({ factorId }))
    },
  }
}
