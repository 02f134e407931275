// The text of a piece of evidence: the lines around each quote first, the whole on request.
import { useMemo, useState } from 'react'
import type { Evidence } from '../../api/types'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { contains, excerpt, highlight, type Block, type Line } from './quotes'

const AROUND = 3
const HEAD = 12
const MOST_LINES = 5000

interface Props {
  item: Evidence
  quotes: string[]
}

export function EvidenceContent({ item: { content, summary }, quotes }: Props) {
  const [whole, setWhole] = useState(false)
  const lines = useMemo(() => highlight(content, quotes), [content, quotes])
  const blocks = useMemo(() => excerpt(lines, AROUND, HEAD), [lines])
  const hidden = blocks.some((block) => block.kind === 'gap')
  const missing = quotes.filter((quote) => !contains(content, quote) && !contains(summary, quote))
  return (
    <div>
      <div
        tabIndex={0}
        className="max-h-[32rem] overflow-auto rounded-md bg-sunken py-2 font-mono text-xs leading-5"
      >
        {whole ? (
          <Lines lines={lines.slice(0, MOST_LINES)} />
        ) : (
          blocks.map((block, n) => <Part key={n} block={block} />)
        )}
      </div>
      {hidden && (
        <Button look="ghost" size="sm" className="mt-1 -ml-2" onClick={() => setWhole(!whole)}>
          {whole ? 'Show only what is quoted' : `Show all ${lines.length} lines`}
        </Button>
      )}
      {missing.length > 0 && (
        <p className="mt-1 text-xs text-amber">
          {missing.length === 1 ? 'One quote is' : `${missing.length} quotes are`} not found word for word in
          this text.
        </p>
      )}
    </div>
  )
}

function Part({ block }: { block: Block }) {
  if (block.kind === 'lines') return <Lines lines={block.lines} />
  return (
    <p className="px-3 py-1 font-sans text-2xs text-faint select-none">
      lines {block.from} to {block.to} left out
    </p>
  )
}

const Lines = ({ lines }: { lines: Line[] }) =>
  lines.map((line) => (
    <div key={line.number} className={cx('flex pr-3', line.quoted && 'bg-quote/25')}>
      <span aria-hidden className="w-11 shrink-0 pr-3 text-right text-faint select-none">
        {line.number}
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap">
        {line.segments.map((segment, n) =>
          segment.quoted ? (
            <mark key={n} className="rounded-[2px] bg-quote text-ink">
              {segment.text}
            </mark>
          ) : (
            segment.text
          ),
        )}
      </span>
    </div>
  ))
