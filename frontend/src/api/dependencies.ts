// What needs what, as people declared it and investigations saw it.
import { queryOptions } from '@tanstack/react-query'
import type { Api } from './client'
import { keys } from './keys'
import { answered } from './problem'
import type { Dependency, NewDependency } from './types'

export const dependenciesQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.dependencies,
    queryFn: async () => (await answered(api.http.GET('/api/dependencies'))).items,
  })

/** One that was only seen becomes declared. */
export const declareDependency = (api: Api, body: NewDependency): Promise<Dependency> =>
  answered(api.http.PUT('/api/dependencies', { body }))

export const forgetDependency = (api: Api, { target, depends_on }: NewDependency): Promise<unknown> =>
  answered(api.http.DELETE('/api/dependencies', { params: { query: { target, depends_on } } }))
