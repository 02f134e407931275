// Six digits of an authenticator, or a recovery code.
import { Field, Input } from '../../ui/field'

interface Props {
  recovery?: boolean
  label?: string
  hint?: string
  value: string
  onChange: (value: string) => void
}

export const isComplete = (code: string, recovery = false): boolean =>
  recovery ? code.replace(/[\s-]/g, '').length === 10 : /^\d{6}$/.test(code.replaceAll(' ', ''))

export function CodeField({ recovery = false, label, hint, value, onChange }: Props) {
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
          maxLength={recovery ? 20 : 7}
          className="font-mono tracking-widest tabular"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}
