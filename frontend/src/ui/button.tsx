// Buttons. A disabled one stays focusable and says why.
import { LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, Ref } from 'react'
import { cx } from './cx'

type Look = 'primary' | 'plain' | 'ghost' | 'danger'
type Size = 'sm' | 'md' | 'field' | 'lg'

const LOOK: Record<Look, string> = {
  primary: 'bg-accent-fill text-on-accent border-transparent hover:bg-accent-hover',
  plain: 'bg-surface text-ink border-edge/60 hover:bg-hover',
  ghost: 'bg-transparent text-soft border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-surface text-red border-red/50 hover:bg-red-wash',
}

const SIZE: Record<Size, string> = {
  sm: 'h-7 px-2 text-xs pointer-coarse:h-10 pointer-coarse:px-3',
  /** As high as a form field beside it. */
  field: 'h-9 px-3 text-sm pointer-coarse:h-11',
  md: 'h-8 px-3 text-sm pointer-coarse:h-11',
  lg: 'h-10 px-3 text-sm sm:px-4 pointer-coarse:h-12 pointer-coarse:text-base',
}

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  look?: Look
  size?: Size
  busy?: boolean
  /** Why it cannot be pressed; it stays focusable, so that the reason can be read. */
  refused?: string | null
  ref?: Ref<HTMLButtonElement>
}

export const buttonClass = (look: Look, size: Size): string =>
  cx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors select-none',
    LOOK[look],
    SIZE[size],
  )

export function Button({
  look = 'plain',
  size = 'md',
  busy,
  refused,
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const off = busy === true || typeof refused === 'string'
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={off || undefined}
      title={refused ?? rest.title}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
      className={cx(buttonClass(look, size), off && 'cursor-not-allowed! opacity-55', className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
    </button>
  )
}
