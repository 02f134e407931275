// The lower edge of a page while the server does not answer: what is not up to date, and that it is asked again.
import { useQueryClient } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useCallback, useContext, useMemo, useState, type ReactNode } from 'react'
import { askAgain } from '../../api/again'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { useNow } from '../../ui/now'
import { useTimes } from '../../ui/times'
import { Trying } from '../loading'
import { ReportContext, TroublesContext, type Report, type Trouble } from '../trouble'
import { troubleWords } from './trouble-words'

/** Gathers what the parts of the page report. */
export function Troubles({ children }: { children: ReactNode }) {
  const [troubles, setTroubles] = useState<ReadonlyMap<string, Trouble>>(new Map())
  const report = useCallback<Report>((id, trouble) => {
    setTroubles((before) => {
      const next = new Map(before)
      if (trouble) next.set(id, trouble)
      else next.delete(id)
      return next
    })
  }, [])
  const all = useMemo(() => [...troubles.values()], [troubles])
  return (
    <ReportContext value={report}>
      <TroublesContext value={all}>{children}</TroublesContext>
    </ReportContext>
  )
}

/** Says it once. It lies over the page and moves nothing; a screen reader knows the place before there is anything to say. */
export function TroubleEdge() {
  const troubles = useContext(TroublesContext)
  const client = useQueryClient()
  const now = useNow()
  const { moment } = useTimes()
  const words = troubleWords(troubles, (at) => moment(new Date(at).toISOString(), now))
  return (
    <div data-trouble={words !== null || undefined} className={cx(words && EDGE)}>
      {words && <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-amber" />}
      <div className="min-w-0 flex-1 gap-x-6 gap-y-0.5 md:flex md:flex-wrap md:items-baseline md:justify-between">
        <div role="status">
          {words && (
            <p className="tabular">
              <span className="font-medium max-md:block">{words.title}.</span>{' '}
              <span className="text-soft">{words.says}</span>
            </p>
          )}
        </div>
        {words && <Trying last={words.last} />}
      </div>
      {words && (
        <Button size="sm" className="md:-my-1" onClick={() => void askAgain(client)}>
          Try now
        </Button>
      )}
    </div>
  )
}

const EDGE =
  'sticky bottom-(--docked,0px) z-20 mt-auto flex items-start gap-2.5 border-t border-amber/40 bg-amber-wash px-4 py-2.5 text-sm md:bottom-0 md:px-8'
