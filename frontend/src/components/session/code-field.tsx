// Six digits of an authenticator, eight of a mail, or a recovery code.
import { Field, Input } from '../../ui/field'

interface Props {
  recovery?: boolean
  digits?: number
  label?: string
  hint?: string
  value: string
  onChange: (value: string) => void
}

export const APP_DIGITS = 6
export const MAIL_DIGITS = 8

export const isComplete = (code: string, recovery = false, digits = APP_DIGITS): boolean => {
  const bare = code.replace(/[\s-]/g, '')
  return recovery ? bare.length === 10 : /^\d+$/.test(bare) && bare.length === digits
}

export function CodeField({ recovery = false, digits = APP_DIGITS, label, hint, value, onChange }: Props) {
  const usual = recovery
    ? 'One of the ten you wrote down. It takes your authenticator away; you then set up a new one.'
    : 'The six digits your authenticator app shows now.'
  return (
    <Field label={label ?? (recovery ? 'Recovery code' : 'Code')} hint={hint ?? usual}>
      {(control) => (
        <Input
          {...control}
          autoFocus
          autoComplete={recovery ? 'off' : 'one-time-code'}
          inputMode={recovery ? 'text' : 'numeric'}
          maxLength={recovery ? 20 : digits + 1}
          className="font-mono tracking-widest tabular"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}
