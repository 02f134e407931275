// The tab says what waits: "(2) Incidents · Nightdesk", with a dot on its icon.
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useApi } from '../../api/context'
import { inboxQuery } from '../../api/queries'

export function useWaiting(): number {
  return useQuery(inboxQuery(useApi())).data?.length ?? 0
}

export function useTitle(title: string): void {
  const waiting = useWaiting()
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · Nightdesk`
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    icon?.setAttribute('href', waiting > 0 ? '/favicon-waiting.svg' : '/favicon.svg')
  }, [title, waiting])
}
