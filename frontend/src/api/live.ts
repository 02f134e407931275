// Hints from the server: one private channel per team. The invariant: after every gap in hearing, the listener is told to look again.
import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'offline'

export interface Hint {
  table: string
  op: string
  id: string | null
  incident_id: string | null
}

export interface Listener {
  onHint: (hint: Hint) => void
  /** Joined, for the first time or again: everything heard before may be old. */
  onJoined: () => void
  onState: (state: LiveState) => void
}

export interface Live {
  /** Listens until the returned function is called. */
  listen: (teamId: string, listener: Listener) => () => void
}

const REJOIN_AFTER_MS = [1000, 2000, 5000, 10_000]

export function openLive(supabase: SupabaseClient): Live {
  return { listen: (teamId, listener) => new Listening(supabase, teamId, listener).start() }
}

class Listening {
  private channel: RealtimeChannel | null = null
  private timer: ReturnType<typeof setTimeout> | null = null
  private attempts = 0
  private stopped = false

  constructor(
    private readonly supabase: SupabaseClient,
    private readonly teamId: string,
    private readonly listener: Listener,
  ) {}

  start(): () => void {
    this.listener.onState(navigator.onLine ? 'connecting' : 'offline')
    window.addEventListener('offline', this.wentOffline)
    window.addEventListener('online', this.cameOnline)
    void this.join()
    return () => this.stop()
  }

  private stop(): void {
    this.stopped = true
    window.removeEventListener('offline', this.wentOffline)
    window.removeEventListener('online', this.cameOnline)
    if (this.timer) clearTimeout(this.timer)
    this.leave()
  }

  private readonly wentOffline = () => this.listener.onState('offline')

  private readonly cameOnline = () => {
    this.listener.onState('reconnecting')
    this.attempts = 0
    this.rejoin(0)
  }

  private leave(): void {
    const left = this.channel
    this.channel = null
    if (left) void this.supabase.removeChannel(left)
  }

  private async join(): Promise<void> {
    // Without this the first join carries no token, and a private channel refuses it.
    await this.supabase.realtime.setAuth()
    if (this.stopped) return
    const channel = this.supabase.channel(`team:${this.teamId}`, { config: { private: true } })
    this.channel = channel
    channel
      .on('broadcast', { event: 'change' }, ({ payload }) => this.listener.onHint(payload as Hint))
      .subscribe((status) => this.heard(channel, status))
  }

  private heard(channel: RealtimeChannel, status: string): void {
    if (this.stopped || channel !== this.channel) return
    if (status === 'SUBSCRIBED') {
      this.attempts = 0
      this.listener.onState('live')
      this.listener.onJoined()
      return
    }
    this.listener.onState(navigator.onLine ? 'reconnecting' : 'offline')
    // Perhaps the session was ended elsewhere: the library drops it when the server says so, and the page goes to sign-in.
    void this.supabase.auth.getUser()
    // The library joins again after an error, but never after the server has closed the channel (an expired token).
    if (status === 'CLOSED') this.rejoin(REJOIN_AFTER_MS[Math.min(this.attempts++, 3)] ?? 0)
  }

  private rejoin(afterMs: number): void {
    if (this.timer) clearTimeout(this.timer)
    this.leave()
    this.timer = setTimeout(() => void this.join(), afterMs)
  }
}
