// The unmodified supabase-js on a leash: one JSON call per line in, one answer per line out. argv[2]: {url, key, vsn}.
const { createClient } = require('@supabase/supabase-js')

const given = JSON.parse(process.argv[2])
const supabase = createClient(given.url, given.key, {
  auth: { persistSession: false, autoRefreshToken: false },
  realtime: { vsn: given.vsn },
})
const heard = []
let tell
let channel

function hear(what) {
  heard.push(what)
  tell?.()
}

async function next() {
  while (!heard.length) await new Promise((resolve) => (tell = resolve))
  return heard.shift()
}

const calls = {
  sign_in: async (a) => (await supabase.auth.signInWithPassword(a)).error?.code ?? null,
  // Hands the new token to joined channels, as auto-refresh does.
  refresh: async () => (await supabase.auth.refreshSession()).error?.code ?? null,
  join: async (a) => {
    await supabase.realtime.setAuth()
    channel = supabase.channel(a.topic, { config: { private: a.private, broadcast: { self: true } } })
    channel.on('broadcast', { event: '*' }, (m) => hear({ broadcast: m.event, payload: m.payload }))
    channel.on('presence', { event: 'join' }, ({ key, newPresences }) =>
      hear({ joined: key.length > 0, name: newPresences[0].name }),
    )
    for (const binding of a.changes)
      channel.on('postgres_changes', { event: '*', schema: 'public', ...binding }, (m) =>
        hear({ change: m.eventType, title: m.new.title }),
      )
    channel.on('system', {}, (m) => hear({ system: m.status, message: m.message }))
    return new Promise((resolve) =>
      channel.subscribe((state, error) => {
        resolve(error ? error.message : state)
        if (state === 'CLOSED') hear({ closed: true })
      }),
    )
  },
  send: async (a) => void (await channel.send({ type: 'broadcast', event: a.event, payload: a.payload })),
  track: async (a) => void (await channel.track(a)),
  next,
}

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { call, args } = JSON.parse(line)
    console.log(JSON.stringify(await calls[call](args)) ?? 'null')
  })
