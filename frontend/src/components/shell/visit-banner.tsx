// Whoever acts as somebody else sees it all the time, sees how long still, and can end it from every page.
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { endVisit } from '../../api/admin'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import type { Me } from '../../api/types'
import { Button } from '../../ui/button'
import { useSecond } from '../../ui/now'
import { countdown } from '../../ui/time'
import { useToast } from '../../ui/toast'

export function VisitBanner({ me }: { me: Me }) {
  const { impersonation } = me
  return impersonation && <Running me={me} visit={impersonation} />
}

interface Props {
  me: Me
  visit: NonNullable<Me['impersonation']>
}

function Running({ me, visit }: Props) {
  const api = useApi()
  const toast = useToast()
  const left = Date.parse(visit.expires_at) - useSecond()
  const over = left <= 0
  // Loaded anew: nothing of the visited team may stay on the screen.
  const leave = () => {
    api.visit.forget()
    location.assign(`/admin/teams/${me.team.id}`)
  }
  const end = useMutation({
    mutationFn: () => endVisit(api, visit.id),
    onSuccess: leave,
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
  })
  useEffect(() => {
    if (!over) return
    api.visit.forget()
    location.assign('/')
  }, [api, over])
  return (
    <aside
      aria-label="Acting as somebody else"
      className="sticky top-12 z-20 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-orange/40 bg-orange-wash px-4 py-2 text-sm md:top-0 md:px-8"
    >
      <p className="min-w-0 flex-1 basis-60 wrap-anywhere">
        <span className="font-semibold text-orange">
          Acting as {me.user.name || me.user.email} in {me.team.name}
        </span>
        <span className="text-soft"> — {visit.reason}. Both sides have it on record.</span>
      </p>
      <span className="flex flex-1 items-center justify-between gap-x-4 sm:flex-none">
        <span role="timer" className="font-medium tabular" aria-label="Time left">
          {countdown(left)} left
        </span>
        <Button size="sm" busy={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      </span>
    </aside>
  )
}
