// The unmodified supabase-js, as the frontend uses it. Prints one JSON value per line; argv[2]: {url, key, password, …, story}.
const { createClient } = require('@supabase/supabase-js')

const given = JSON.parse(process.argv[2])
const say = (value) => console.log(JSON.stringify(value))
const client = () =>
  createClient(given.url, given.key, { auth: { persistSession: false, autoRefreshToken: false } })

async function signIn(email, password = given.password) {
  const supabase = client()
  const { data, error } = await supabase.auth.signInWithPassword({ email, password })
  return { supabase, data, error }
}

/** Resolves with the first state of the channel; `heard` receives its broadcasts. */
function subscribe(channel, heard) {
  return new Promise((resolve) => {
    if (heard) channel.on('broadcast', { event: '*' }, heard)
    channel.subscribe((state, error) => resolve({ state, error: error ? error.message : null }))
  })
}

const stories = {
  async auth() {
    const wrong = await signIn(given.email, 'wrong')
    say({ wrong: { status: wrong.error.status, code: wrong.error.code, message: wrong.error.message } })
    const { supabase, data } = await signIn(given.email)
    say({ id: data.user.id, email: data.user.email, type: data.session.token_type })
    const refreshed = await supabase.auth.refreshSession()
    say({ rotated: refreshed.data.session.refresh_token !== data.session.refresh_token })
    const claims = await supabase.auth.getClaims()
    say({ alg: claims.data.header.alg, sub: claims.data.claims.sub, error: claims.error })
    const user = await supabase.auth.getUser()
    say({ user: user.data.user.email })
    const changed = await supabase.auth.updateUser({ data: { name: 'Ada' } })
    say({ name: changed.data.user.user_metadata.name })
    const weak = await supabase.auth.updateUser({ password: 'short' })
    say({ weak: { name: weak.error.name, reasons: weak.error.reasons } })
    const aal = await supabase.auth.mfa.getAuthenticatorAssuranceLevel()
    say({ aal: aal.data.currentLevel })
    say({ out: (await supabase.auth.signOut()).error })
    const after = await client().auth.getUser(refreshed.data.session.access_token)
    say({ after: after.error.name })
  },

  async listen() {
    const { supabase } = await signIn(given.email)
    await supabase.realtime.setAuth()
    const heard = new Promise((resolve) => {
      const channel = supabase.channel(given.channel, { config: { private: true } })
      subscribe(channel, resolve).then(say)
    })
    say(await heard)
    process.exit(0)
  },

  async room() {
    const ada = (await signIn(given.email)).supabase
    const bob = (await signIn(given.other)).supabase
    for (const supabase of [ada, bob]) await supabase.realtime.setAuth()
    const config = { broadcast: { self: true, ack: true }, presence: { key: 'ada', enabled: true } }
    const mine = ada.channel('room', { config })
    const theirs = bob.channel('room')
    let present
    const synced = new Promise((resolve) => (present = resolve))
    mine.on('presence', { event: 'sync' }, () => Object.keys(mine.presenceState()).length && present())
    let heard, echoed
    const hearing = new Promise((resolve) => (heard = resolve))
    const echoing = new Promise((resolve) => (echoed = resolve))
    await Promise.all([subscribe(mine, echoed), subscribe(theirs, heard)])
    say({ sent: await mine.send({ type: 'broadcast', event: 'wave', payload: { hello: 'wörld' } }) })
    say({ heard: (await hearing).payload, echoed: (await echoing).payload })
    say({ tracked: await mine.track({ name: 'Ada' }) })
    await synced
    say({ here: Object.keys(mine.presenceState()) })
    say({ http: await ada.channel('room').httpSend('wave', { by: 'http' }).then((answer) => answer.success) })
    say({ left: await ada.removeChannel(mine) })
    process.exit(0)
  },

  async changes() {
    const { supabase } = await signIn(given.email)
    await supabase.realtime.setAuth()
    const channel = supabase.channel('tables')
    const table = { schema: 'public', table: 'incidents' }
    channel.on('postgres_changes', { event: '*', ...table }, say)
    channel.on('postgres_changes', { event: 'INSERT', ...table, filter: given.filter || 'severity=eq.low' }, ({ new: row }) =>
      say({ filtered: row.title }),
    )
    const told = new Promise((resolve) => channel.on('system', {}, resolve))
    say(await subscribe(channel))
    say(await told)
  },
}

stories[given.story]().catch((error) => {
  console.error(error)
  process.exit(1)
})
