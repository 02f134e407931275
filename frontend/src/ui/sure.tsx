// A button that asks once more, in place: the second press does it, leaving it forgets the first.
import { useState, type ReactNode } from 'react'
import { Button } from './button'

interface Props {
  children: ReactNode
  /** What the second press does, in words. */
  sure: string
  busy?: boolean
  refused?: string | null
  icon?: ReactNode
  size?: 'sm' | 'md'
  onSure: () => void
}

export function SureButton({ children, sure, busy, refused, icon, size = 'sm', onSure }: Props) {
  const [asked, setAsked] = useState(false)
  return (
    <Button
      size={size}
      look={asked ? 'danger' : 'plain'}
      {...(busy === undefined ? {} : { busy })}
      {...(refused === undefined ? {} : { refused })}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (asked) onSure()
        setAsked(!asked)
      }}
    >
      {icon}
      {asked ? sure : children}
    </Button>
  )
}
