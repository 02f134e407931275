// Choosing a password: twice the same would only be typed twice, so it can be shown instead.
import { useState } from 'react'
import { Field, Input, Tick } from '../../ui/field'

export const SHORTEST = 8

export const passwordMissing = (password: string): string | null =>
  password.length < SHORTEST ? `A password has at least ${SHORTEST} characters.` : null

interface Props {
  value: string
  onChange: (value: string) => void
}

export function NewPassword({ value, onChange }: Props) {
  const [shown, setShown] = useState(false)
  return (
    <>
      <Field label="New password" hint={`At least ${SHORTEST} characters. A sentence is good.`}>
        {(control) => (
          <Input
            {...control}
            type={shown ? 'text' : 'password'}
            autoComplete="new-password"
            maxLength={72}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </Field>
      <Tick label="Show it" checked={shown} onChange={setShown} />
    </>
  )
}
