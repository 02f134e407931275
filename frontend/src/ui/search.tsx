// Looking for something by words: the field with its lens, and the form that asks when it is sent.
import { Search } from 'lucide-react'
import { useState, type InputHTMLAttributes } from 'react'
import { Button } from './button'
import { cx } from './cx'
import { Input } from './field'

interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  'aria-label': string
}

export const SearchInput = ({ className, ...rest }: InputProps) => (
  <div className={cx('relative min-w-0', className)}>
    <Search
      aria-hidden
      className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
    />
    <Input {...rest} type="search" className="pl-8!" />
  </div>
)

interface FormProps {
  label: string
  placeholder: string
  /** What was asked last. */
  known: string
  maxLength: number
  onSearch: (words: string) => void
}

export function SearchForm({ label, placeholder, known, maxLength, onSearch }: FormProps) {
  const [text, setText] = useState(known)
  return (
    <form
      role="search"
      className="mb-3 flex gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(text.trim())
      }}
    >
      <SearchInput
        aria-label={label}
        placeholder={placeholder}
        data-hotkey="/"
        maxLength={maxLength}
        className="flex-1 sm:max-w-80"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit" size="field">
        Search
      </Button>
    </form>
  )
}
