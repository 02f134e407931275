// The address that somebody signs in with.
import { Field, Input } from '../../ui/field'

interface Props {
  value: string
  onChange: (email: string) => void
}

export const EmailField = ({ value, onChange }: Props) => (
  <Field label="E-mail">
    {(control) => (
      <Input
        {...control}
        type="email"
        required
        autoFocus
        autoComplete="username"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    )}
  </Field>
)
