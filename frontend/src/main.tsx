// The composition root: ask the server how to sign in, make the clients once, start the router.
import { QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { loadConfig, openApi, type Api } from './api/client'
import { worthRepeating } from './api/problem'
import { Mark } from './components/shell/mark'
import { openRouter } from './router'
import './styles.css'
import { Button } from './ui/button'

const openQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The channel tells what changed; this only bounds how long a page that was never told can be wrong.
        staleTime: 60_000,
        retry: (failures, error) => failures < 3 && worthRepeating(error),
      },
    },
  })

/** A session that ends anywhere ends here; one that begins leads back to where it ended. */
function followSession(api: Api, queries: QueryClient, router: ReturnType<typeof openRouter>): void {
  let signedIn: string | null | undefined
  api.auth.onChange((identity) => {
    const before = signedIn
    signedIn = identity && `${identity.id} ${identity.owesFactor ? 'half' : 'wholly'}`
    if (before === undefined || before === signedIn) return
    if (signedIn === null) queries.clear()
    void router.invalidate()
  })
}

function start(api: Api, page: Root): void {
  const queries = openQueries()
  const router = openRouter({ api, queries })
  followSession(api, queries, router)
  page.render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  )
}

const Silent = ({ onRetry }: { onRetry: () => void }) => (
  <main className="mx-auto flex min-h-dvh max-w-sm flex-col items-start justify-center gap-4 px-6">
    <Mark className="size-9" />
    <h1 className="text-xl font-semibold tracking-tight">Nightdesk does not answer</h1>
    <p className="text-sm text-soft">
      The server cannot be reached. Approved actions go on without this page; nothing is lost.
    </p>
    <Button look="primary" onClick={onRetry}>
      Try again
    </Button>
  </main>
)

async function boot(page: Root): Promise<void> {
  try {
    start(openApi(await loadConfig()), page)
  } catch {
    page.render(<Silent onRetry={() => void boot(page)} />)
  }
}

const element = document.getElementById('root')
if (element) void boot(createRoot(element))
