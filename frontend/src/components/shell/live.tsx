// Keeps the page live: listens to the team's channel and refetches what hints make old.
import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import { useApi } from '../../api/context'
import { keys, keysFor, refetcher } from '../../api/keys'
import type { LiveState } from '../../api/live'
import { Banner } from '../../ui/banner'
import { Dot } from '../../ui/tag'
import type { Tone } from '../../ui/tone'
import { TroublesContext } from '../trouble'

/**
 * `visit`: the channels of another team's members are theirs, so that a visitor looks again by the clock.
 * `silent`: the channel may be there, but what changed cannot be fetched.
 */
type Shown = LiveState | 'visit' | 'silent'

const LOOK_AGAIN_MS = 15_000

const LiveContext = createContext<Shown>('connecting')

const WORDS: Record<Shown, { label: string; tone: Tone; says: string }> = {
  connecting: { label: 'Connecting', tone: 'quiet', says: 'Connecting to live updates.' },
  live: { label: 'Live', tone: 'green', says: 'Changes appear here as they happen.' },
  reconnecting: { label: 'Reconnecting', tone: 'amber', says: 'What you see may be out of date.' },
  visit: { label: 'Visiting', tone: 'orange', says: 'What you see is fetched again every 15 seconds.' },
  silent: { label: 'Not up to date', tone: 'amber', says: 'The server does not answer; it is asked again.' },
  offline: { label: 'Offline', tone: 'red', says: 'This device has no network.' },
}

interface Props {
  /** Undefined until it is known who asks. */
  teamId: string | undefined
  visiting: boolean
  children: ReactNode
}

export function LiveProvider({ teamId, visiting, children }: Props) {
  const api = useApi()
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    if (teamId === undefined || visiting) return
    const refetch = refetcher(client)
    return api.live.listen(teamId, {
      onState: (now) => {
        setState(now)
        // Perhaps the server is gone altogether: the smallest question tells.
        if (now === 'reconnecting') refetch([keys.config])
      },
      onHint: (hint) => refetch(keysFor(hint)),
      // Whatever was missed while not listening is fetched now.
      onJoined: () => refetch([[]]),
    })
  }, [api, client, teamId, visiting])
  useEffect(() => {
    if (!visiting) return
    const timer = setInterval(() => void client.invalidateQueries(), LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [client, visiting])
  return <LiveContext value={visiting ? 'visit' : state}>{children}</LiveContext>
}

export function Connection() {
  const state = useContext(LiveContext)
  const silent = useContext(TroublesContext).length > 0 && state !== 'offline'
  const { label, tone, says } = WORDS[silent ? 'silent' : state]
  return (
    <span role="status" title={says} className="text-xs">
      <Dot tone={tone}>{label}</Dot>
    </span>
  )
}

export function OfflineBanner() {
  const state = useContext(LiveContext)
  if (state !== 'offline') return null
  return (
    <Banner tone="amber" urgent className="sticky top-14 z-10 mb-4 md:top-2" title="You are offline">
      This is what was known before. A decision needs a connection; nothing is sent later on your behalf.
    </Banner>
  )
}
