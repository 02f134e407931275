// Form fields: a label, a control, a hint or an error below.
import { ChevronDown } from 'lucide-react'
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react'
import { cx } from './cx'

const CONTROL =
  'w-full rounded-md border border-edge/70 bg-surface px-2.5 text-sm text-ink hover:border-edge aria-invalid:border-red'

interface Control {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

interface FieldProps {
  label: string
  hint?: ReactNode
  error?: string | null
  className?: string
  children: (control: Control) => ReactNode
}

export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId()
  const note = `${id}-note`
  const said = error ?? hint
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        ...(said ? { 'aria-describedby': note } : {}),
        ...(error ? { 'aria-invalid': true } : {}),
      })}
      {said && (
        <p id={note} className={cx('text-xs', error ? 'text-red' : 'text-faint')}>
          {said}
        </p>
      )}
    </div>
  )
}

export const Input = ({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input {...rest} className={cx(CONTROL, 'h-9 pointer-coarse:h-11', className)} />
)

export const Textarea = ({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <textarea {...rest} className={cx(CONTROL, 'py-2 leading-relaxed', className)} />
)

/** The browser's own select: the best one on a phone. */
export const Select = ({ className, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <span className={cx('relative block', className)}>
    <select {...rest} className={cx(CONTROL, 'h-9 appearance-none pr-7 pointer-coarse:h-11')} />
    <ChevronDown
      aria-hidden
      className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-faint"
    />
  </span>
)

interface TickProps {
  label: string
  hint?: string
  checked: boolean
  onChange: (checked: boolean) => void
}

export function Tick({ label, hint, checked, onChange }: TickProps) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 py-1">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent-fill"
      />
      <span className="min-w-0 wrap-anywhere">
        <span className="block text-sm font-medium">{label}</span>
        {hint && <span className="block text-xs text-faint">{hint}</span>}
      </span>
    </label>
  )
}
