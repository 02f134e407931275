// The composition root: ask the server how to sign in, make the clients once, start the router.
import type { QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { againAfterMs, openQueries } from './api/again'
import { loadConfig, openApi, type Api } from './api/client'
import { Mark } from './components/shell/mark'
import { openRouter } from './router'
import './styles.css'
import { Button } from './ui/button'
import { Dot } from './ui/tag'

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
    <div className="flex flex-wrap items-center gap-3">
      <Button look="primary" onClick={onRetry}>
        Try now
      </Button>
      <span role="status" className="text-sm">
        <Dot tone="amber" live>
          Trying again
        </Dot>
      </span>
    </div>
  </main>
)

async function boot(page: Root, failures = 0): Promise<void> {
  try {
    start(openApi(await loadConfig()), page)
  } catch {
    const again = () => {
      clearTimeout(timer)
      void boot(page, failures + 1)
    }
    const timer = setTimeout(again, againAfterMs(failures + 1))
    page.render(<Silent onRetry={again} />)
  }
}

const element = document.getElementById('root')
if (element) void boot(createRoot(element))
