// What else was seen about then: told for whoever reads on, folded, for nothing rests on it.
import type { Citation, Evidence } from '../../api/types'
import { Disclosure } from '../../ui/disclosure'
import { EvidenceLink, QuoteOrigin } from './citation'
import { withOneTime } from './note-words'

interface Props {
  citations: Citation[]
  evidence: Evidence[]
  onShow: (label: string) => void
}

export function AlsoSeen({ citations, evidence, onShow }: Props) {
  if (citations.length === 0) return null
  return (
    <Disclosure summary={<span className="font-medium">Also seen about then ({citations.length})</span>}>
      <ul className="flex flex-col gap-2.5">
        {citations.map((citation, n) => (
          <li key={n} className="grid grid-cols-[2.25rem_minmax(0,1fr)] gap-x-2">
            <EvidenceLink label={citation.evidence} onShow={onShow} />
            <div className="min-w-0 pt-1">
              <q
                title={citation.quote}
                className="line-clamp-3 font-mono text-xs leading-relaxed wrap-anywhere before:content-none after:content-none max-md:line-clamp-5"
              >
                {withOneTime(citation.quote)}
              </q>
              <QuoteOrigin item={evidence.find(({ label }) => label === citation.evidence)} />
            </div>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
