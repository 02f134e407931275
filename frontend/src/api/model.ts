// The team and its model: what it cost and may cost, what it is never told, and what was said with it.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Api } from './client'
import { keys } from './keys'
import { answered } from './problem'
import type { NewSecretPattern, SecretPattern, Usage } from './types'

export const usageQuery = (api: Api) =>
  queryOptions({ queryKey: keys.usage, queryFn: () => answered(api.http.GET('/api/usage')) })

/** `cap`: dollars a month; null: only the installation's cap counts. */
export const setCap = (api: Api, cap: number | null): Promise<Usage> =>
  answered(api.http.PUT('/api/usage/cap', { body: { monthly_cap_usd: cap } }))

export const secretPatternsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.secretPatterns,
    queryFn: async () => (await answered(api.http.GET('/api/secret-patterns'))).items,
  })

export const createSecretPattern = (api: Api, body: NewSecretPattern): Promise<SecretPattern> =>
  answered(api.http.POST('/api/secret-patterns', { body }))

export const deleteSecretPattern = (api: Api, pattern_id: string): Promise<unknown> =>
  answered(api.http.DELETE('/api/secret-patterns/{pattern_id}', { params: { path: { pattern_id } } }))

/** What a pattern that is not kept hides of a text. */
export const secretTrialQuery = (api: Api, pattern: string, sample: string) =>
  queryOptions({
    queryKey: [...keys.secretTrial, pattern, sample],
    queryFn: () => answered(api.http.POST('/api/secret-patterns/try', { body: { pattern, sample } })),
    enabled: pattern !== '',
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: false,
  })

/** In the order of the calls, two a page: each may be long. */
export const transcriptQuery = (api: Api, incident_id: string, investigation_id: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.transcript(incident_id), investigation_id],
    queryFn: ({ pageParam }) =>
      answered(
        api.http.GET('/api/incidents/{incident_id}/investigations/{investigation_id}/transcript', {
          params: {
            path: { incident_id, investigation_id },
            query: pageParam === undefined ? {} : { cursor: pageParam },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
