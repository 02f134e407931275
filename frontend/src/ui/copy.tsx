// Text to be taken elsewhere, with a button that takes it.
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button'
import { cx } from './cx'

function useCopied() {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return {
    copied,
    copy: (text: string) => void navigator.clipboard.writeText(text).then(() => setCopied(true)),
  }
}

interface CopyProps {
  text: string
  label?: string
  /** A phone shows only the sign: what stands beside it needs the room. */
  terse?: boolean
}

export function CopyButton({ text, label = 'Copy', terse }: CopyProps) {
  const { copied, copy } = useCopied()
  const Icon = copied ? Check : Copy
  return (
    <Button look="ghost" size="sm" onClick={() => copy(text)} aria-live="polite">
      <Icon aria-hidden className="size-3.5" />
      <span className={terse ? 'max-md:sr-only' : undefined}>{copied ? 'Copied' : label}</span>
    </Button>
  )
}

interface SnippetProps {
  text: string
  label: string
  wrap?: boolean
}

export function Snippet({ text, label, wrap }: SnippetProps) {
  return (
    <figure className="min-w-0 rounded-md bg-sunken">
      <figcaption className="flex items-center justify-between gap-2 pt-1 pr-1 pl-3">
        <span className="label">{label}</span>
        <CopyButton text={text} />
      </figcaption>
      <pre
        tabIndex={0}
        className={cx(
          'overflow-x-auto px-3 pb-3 font-mono text-xs leading-relaxed',
          wrap && 'wrap-anywhere whitespace-pre-wrap',
        )}
      >
        {text}
      </pre>
    </figure>
  )
}
