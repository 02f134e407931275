// The unmodified supabase-js on a leash: one JSON call per line in, one JSON answer per line out. argv[2]: {url, key, secret}.
const { createClient } = require('@supabase/supabase-js')

const given = JSON.parse(process.argv[2])
const options = { auth: { persistSession: false, autoRefreshToken: false } }
const { auth } = createClient(given.url, given.key, options)
const { admin } = createClient(given.url, given.secret, options).auth

const calls = {
  sign_in: (a) => auth.signInWithPassword(a),
  sign_up: (a) => auth.signUp(a),
  refresh: () => auth.refreshSession(),
  refresh_with: (a) => auth.refreshSession({ refresh_token: a.token }),
  get_user: () => auth.getUser(),
  update_user: (a) => auth.updateUser(a),
  sign_out: (a) => auth.signOut(a),
  claims: () => auth.getClaims(),
  recover: (a) => auth.resetPasswordForEmail(a.email),
  otp: (a) => auth.signInWithOtp({ email: a.email, options: { shouldCreateUser: false } }),
  verify_otp: (a) => auth.verifyOtp(a),
  resend: (a) => auth.resend(a),
  reauthenticate: () => auth.reauthenticate(),
  enroll: (a) => auth.mfa.enroll({ factorType: 'totp', friendlyName: a.name }),
  challenge: (a) => auth.mfa.challenge({ factorId: a.factor }),
  verify: (a) => auth.mfa.verify({ factorId: a.factor, challengeId: a.challenge, code: a.code }),
  challenge_and_verify: (a) => auth.mfa.challengeAndVerify({ factorId: a.factor, code: a.code }),
  unenroll: (a) => auth.mfa.unenroll({ factorId: a.factor }),
  factors: () => auth.mfa.listFactors(),
  aal: () => auth.mfa.getAuthenticatorAssuranceLevel(),
  create_user: (a) => admin.createUser(a),
  list_users: () => admin.listUsers({ page: 1, perPage: 100 }),
  get_user_by_id: (a) => admin.getUserById(a.id),
  update_user_by_id: (a) => admin.updateUserById(a.id, a.changes),
  invite: (a) => admin.inviteUserByEmail(a.email),
  delete_user: (a) => admin.deleteUser(a.id),
}

/** What a scenario looks at, named alike for both clients. */
function told({ data, error }) {
  if (error) return { error: [error.status, error.code] }
  const user = data?.user
  return {
    error: null,
    email: user?.email,
    new_email: user?.new_email,
    user_id: user?.id,
    id: data?.id,
    refresh_token: data?.session?.refresh_token ?? null,
    secret: data?.totp?.secret,
    picture: data?.totp?.qr_code?.slice(0, 40),
    factors: Array.isArray(data?.all) ? data.totp.length : undefined,
    levels: data?.currentLevel ? [data.currentLevel, data.nextLevel] : undefined,
    alg: data?.header?.alg,
    emails: data?.users?.map((each) => each.email),
  }
}

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { call, args } = JSON.parse(line)
    console.log(JSON.stringify(told(await calls[call](args))))
  })
