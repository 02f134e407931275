// Addresses and their pages. Everything under /app's layout needs a session; without one the way leads to sign-in and back.
import { QueryClientProvider, type QueryClient, type QueryKey } from '@tanstack/react-query'
import {
  Outlet,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { Api } from './api/client'
import { ApiContext } from './api/context'
import { inboxQuery, incidentQuery, incidentsQuery } from './api/queries'
import { readAttemptSearch } from './components/admin/attempts'
import { readAuditSearch } from './components/audit/filter'
import { readSearch, toFilter } from './components/incident/filter'
import { LoadError } from './components/page'
import { Shell } from './components/shell/shell'
import { Toasts } from './ui/toast'

interface Context {
  api: Api
  queries: QueryClient
}

/** Loaders only start early. What failed is left to the page that needs it, which says so and asks again. */
function startEarly(queries: QueryClient, { queryKey }: { queryKey: QueryKey }, ask: () => Promise<unknown>) {
  if (queries.getQueryState(queryKey)?.status !== 'error') ask().catch(() => undefined)
}

function Root() {
  const { api, queries } = root.useRouteContext()
  return (
    <ApiContext value={api}>
      <QueryClientProvider client={queries}>
        <Toasts>
          <Outlet />
        </Toasts>
      </QueryClientProvider>
    </ApiContext>
  )
}

const root = createRootRouteWithContext<Context>()({
  component: Root,
  errorComponent: ({ error, reset }) => (
    <main className="mx-auto max-w-xl p-6">
      <LoadError error={error as Error} retry={reset} />
    </main>
  ),
})

/** Only a path of our own: a link must not send anybody elsewhere after signing in. */
export const ownPath = (next: unknown): string | undefined =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw): { next?: string } => {
    const next = ownPath(raw.next)
    return next ? { next } : {}
  },
  beforeLoad: async ({ context, search }) => {
    const identity = await context.api.auth.identity()
    if (identity && !identity.owesFactor) throw redirect({ href: search.next ?? '/incidents' })
    return { owesFactor: identity !== null }
  },
  component: lazyRouteComponent(() => import('./pages/sign-in')),
})

interface Recovery {
  email?: string
  /** Somebody who was invited chooses their first password. */
  invited?: boolean
}

const recover = createRoute({
  getParentRoute: () => root,
  path: '/recover',
  validateSearch: (raw): Recovery => ({
    ...(typeof raw.email === 'string' ? { email: raw.email } : {}),
    ...(raw.invited === true ? { invited: true } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/recover')),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  beforeLoad: async ({ context }) => {
    const identity = await context.api.auth.identity()
    return { signedInAs: identity && !identity.owesFactor ? identity.email : null }
  },
  component: lazyRouteComponent(() => import('./pages/invitation')),
})

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const identity = await context.api.auth.identity()
    if (identity && !identity.owesFactor) return
    const home = location.pathname === '/' || location.pathname === '/incidents'
    throw redirect({ to: '/sign-in', search: home ? {} : { next: location.href } })
  },
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
  notFoundComponent: lazyRouteComponent(() => import('./pages/not-found')),
})

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/incidents' })
  },
})

const incidents = createRoute({
  getParentRoute: () => app,
  path: '/incidents',
  validateSearch: readSearch,
  loaderDeps: ({ search }) => toFilter(search),
  loader: ({ context: { api, queries }, deps }) => {
    const list = incidentsQuery(api, deps)
    startEarly(queries, list, () => queries.infiniteQuery(list))
    const inbox = inboxQuery(api)
    startEarly(queries, inbox, () => queries.query(inbox))
  },
  component: lazyRouteComponent(() => import('./pages/incidents')),
})

const incident = createRoute({
  getParentRoute: () => app,
  path: '/incidents/$incidentId',
  loader: ({ context: { api, queries }, params }) => {
    const one = incidentQuery(api, params.incidentId)
    startEarly(queries, one, () => queries.query(one))
  },
  component: lazyRouteComponent(() => import('./pages/incident')),
})

const transcript = createRoute({
  getParentRoute: () => app,
  path: '/incidents/$incidentId/transcript',
  validateSearch: (raw): { round?: number } =>
    typeof raw.round === 'number' && Number.isInteger(raw.round) ? { round: raw.round } : {},
  component: lazyRouteComponent(() => import('./pages/transcript')),
})

const approvals = createRoute({
  getParentRoute: () => app,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./pages/approvals')),
})
const monitors = createRoute({
  getParentRoute: () => app,
  path: '/monitors',
  component: lazyRouteComponent(() => import('./pages/monitors')),
})
const integrations = createRoute({
  getParentRoute: () => app,
  path: '/integrations',
  component: lazyRouteComponent(() => import('./pages/integrations')),
})
const hooks = createRoute({
  getParentRoute: () => app,
  path: '/runbook-hooks',
  component: lazyRouteComponent(() => import('./pages/runbook-hooks')),
})
const system = createRoute({
  getParentRoute: () => app,
  path: '/system',
  component: lazyRouteComponent(() => import('./pages/system')),
})
const security = createRoute({
  getParentRoute: () => app,
  path: '/security',
  component: lazyRouteComponent(() => import('./pages/security')),
})
const sessions = createRoute({
  getParentRoute: () => app,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./pages/sessions')),
})
const runbooks = createRoute({
  getParentRoute: () => app,
  path: '/runbooks',
  validateSearch: (raw): { q?: string } =>
    typeof raw.q === 'string' && raw.q ? { q: raw.q.slice(0, 200) } : {},
  component: lazyRouteComponent(() => import('./pages/runbooks')),
})
const runbook = createRoute({
  getParentRoute: () => app,
  path: '/runbooks/$runbookId',
  component: lazyRouteComponent(() => import('./pages/runbook')),
})
const adminTeams = createRoute({
  getParentRoute: () => app,
  path: '/admin/teams',
  validateSearch: (raw): { q?: string } =>
    typeof raw.q === 'string' && raw.q ? { q: raw.q.slice(0, 100) } : {},
  component: lazyRouteComponent(() => import('./pages/admin-teams')),
})
const adminTeam = createRoute({
  getParentRoute: () => app,
  path: '/admin/teams/$teamId',
  component: lazyRouteComponent(() => import('./pages/admin-team')),
})
const visits = createRoute({
  getParentRoute: () => app,
  path: '/admin/visits',
  component: lazyRouteComponent(() => import('./pages/admin-visits')),
})
const signIns = createRoute({
  getParentRoute: () => app,
  path: '/admin/sign-ins',
  validateSearch: readAttemptSearch,
  component: lazyRouteComponent(() => import('./pages/admin-sign-ins')),
})
const maintenance = createRoute({
  getParentRoute: () => app,
  path: '/admin/maintenance',
  component: lazyRouteComponent(() => import('./pages/admin-maintenance')),
})
const adminAudit = createRoute({
  getParentRoute: () => app,
  path: '/admin/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./pages/admin-audit')),
})
const team = createRoute({
  getParentRoute: () => app,
  path: '/team',
  component: lazyRouteComponent(() => import('./pages/team')),
})
const profile = createRoute({
  getParentRoute: () => app,
  path: '/profile',
  component: lazyRouteComponent(() => import('./pages/profile')),
})
const secretPatterns = createRoute({
  getParentRoute: () => app,
  path: '/secret-patterns',
  component: lazyRouteComponent(() => import('./pages/secret-patterns')),
})
const dependencies = createRoute({
  getParentRoute: () => app,
  path: '/dependencies',
  component: lazyRouteComponent(() => import('./pages/dependencies')),
})
const usage = createRoute({
  getParentRoute: () => app,
  path: '/usage',
  component: lazyRouteComponent(() => import('./pages/usage')),
})
const roles = createRoute({
  getParentRoute: () => app,
  path: '/roles',
  component: lazyRouteComponent(() => import('./pages/roles')),
})
const apiKeys = createRoute({
  getParentRoute: () => app,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys')),
})
const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./pages/audit')),
})
// Inside the frame, so that a wrong address still has the navigation around it.
const elsewhere = createRoute({
  getParentRoute: () => app,
  path: '$',
  component: lazyRouteComponent(() => import('./pages/not-found')),
})

const tree = root.addChildren([
  signIn,
  recover,
  invitation,
  app.addChildren([
    home,
    incidents,
    incident,
    transcript,
    approvals,
    monitors,
    integrations,
    hooks,
    system,
    security,
    sessions,
    team,
    profile,
    usage,
    secretPatterns,
    dependencies,
    roles,
    apiKeys,
    audit,
    runbooks,
    runbook,
    adminTeams,
    adminTeam,
    visits,
    signIns,
    adminAudit,
    maintenance,
    elsewhere,
  ]),
])

export const openRouter = (context: Context) =>
  createRouter({
    routeTree: tree,
    context,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  })

export type AppRouter = ReturnType<typeof openRouter>

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter
  }
}
