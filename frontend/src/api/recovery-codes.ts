// Recovery codes of the embedded sign-in: ten, for whoever has lost their phone. A hosted project has no such thing.
import type { Api } from './client'
import { answered } from './problem'

const PATH = '/auth/v1/factors/recovery-codes'

async function call<T>(api: Api, method: 'GET' | 'POST'): Promise<T> {
  const token = (await api.auth.token()) ?? ''
  const headers = {
    apikey: api.config.supabase_key,
    Authorization: `Bearer ${token}`,
    'x-supabase-api-version': '2024-01-01',
  }
  return answered(
    fetch(PATH, { method, headers }).then(async (response) => {
      const body = (await response.json()) as T
      return response.ok ? { data: body, response } : { error: body, response }
    }),
  )
}

export const haveRecoveryCodes = (api: Api): boolean => api.config.mode === 'embedded'

export const countRecoveryCodes = async (api: Api): Promise<number> =>
  (await call<{ remaining: number }>(api, 'GET')).remaining

/** Ten new ones; those before are worth nothing from then on. */
export const makeRecoveryCodes = async (api: Api): Promise<string[]> =>
  (await call<{ codes: string[] }>(api, 'POST')).codes
