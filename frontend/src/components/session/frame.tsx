// The page around everything that happens before one is inside.
import { useEffect, type ReactNode } from 'react'
import { Mark } from '../shell/mark'

interface Props {
  title: string
  says?: ReactNode
  children: ReactNode
}

export function SessionFrame({ title, says, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Nightdesk`
  }, [title])
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-6 py-12">
      <Mark className="size-9" />
      <h1 className="mt-4 text-2xl font-semibold tracking-tight">{title}</h1>
      {says && <p className="mt-1 text-sm text-soft">{says}</p>}
      <div className="mt-6">{children}</div>
    </main>
  )
}
