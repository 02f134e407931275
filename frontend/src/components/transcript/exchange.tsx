// One call of the model: what it was told since the call before, and what it answered.
import { useState } from 'react'
import type { Exchange } from '../../api/types'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { Section } from '../../ui/section'
import { Moment } from '../../ui/when'
import { dollars, tokens } from '../model/words'
import { answerOf, beginning, toldOf, type Turn } from './turns'

export function ExchangeSection({ exchange }: { exchange: Exchange }) {
  const answer = answerOf(exchange)
  return (
    <Section title={`Call ${exchange.number}`} aside={<Moment at={exchange.at} className="tabular" />}>
      <p className="mb-4 label tabular">
        <span className="font-mono">{exchange.model}</span>, prompt {exchange.prompt}
        {' · '}
        {exchange.estimated && 'about '}
        {tokens(exchange.tokens_in)} tokens in, {tokens(exchange.tokens_out)} out,{' '}
        {dollars(exchange.cost_usd)}
      </p>
      <ol className="flex flex-col gap-5">
        {toldOf(exchange).map((turn, n) => (
          <Said key={n} turn={turn} />
        ))}
        {answer && <Said turn={answer} model />}
      </ol>
      {!answer && (
        <p className="mt-4 text-sm text-red">No answer{exchange.error ? `: ${exchange.error}` : '.'}</p>
      )}
    </Section>
  )
}

/** What the model said stands behind a ruled margin, as everywhere; what it was told is set as text of a system. */
const Said = ({ turn, model = false }: { turn: Turn; model?: boolean }) => (
  <li className={model ? 'prose-margin' : undefined}>
    <div className="mb-1 flex min-h-7 items-center justify-between gap-3">
      <p className="text-sm font-medium">{turn.who}</p>
      {turn.text && <CopyButton text={turn.text} />}
    </div>
    {turn.text && <Folded text={turn.text} plain={model} />}
    {turn.calls.map((call, n) => (
      <div key={n} className="mt-2 rounded-md bg-sunken px-3 py-2">
        <p className="flex items-center justify-between gap-3 label">
          <span>
            asks for <span className="font-mono text-ink">{call.name}</span>
          </span>
          <CopyButton text={call.args} />
        </p>
        <Folded text={call.args} plain />
      </div>
    ))}
    {!turn.text && turn.calls.length === 0 && <p className="text-sm text-soft">Nothing.</p>}
  </li>
)

function Folded({ text, plain }: { text: string; plain: boolean }) {
  const [whole, setWhole] = useState(false)
  const head = beginning(text)
  return (
    <div className={plain ? undefined : 'rounded-md bg-sunken px-3 py-2'}>
      <p className="font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap">
        {whole || head === null ? text : `${head}…`}
      </p>
      {head !== null && (
        <Button
          look="ghost"
          size="sm"
          className="mt-1 -ml-2"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
        >
          {whole ? 'Show the beginning only' : `Show all ${text.length.toLocaleString('en')} characters`}
        </Button>
      )}
    </div>
  )
}
