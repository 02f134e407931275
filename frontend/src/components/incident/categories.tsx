// Choosing kinds of trouble, any number of them.
import type { Category } from '../../api/types'
import { CATEGORY, REPAIRABLE } from './words'

interface Props {
  label: string
  chosen: Category[]
  onChange: (chosen: Category[]) => void
}

export function Categories({ label, chosen, onChange }: Props) {
  const toggled = (category: Category) =>
    chosen.includes(category) ? chosen.filter((other) => other !== category) : [...chosen, category]
  return (
    <fieldset className="mb-2">
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      <div className="flex flex-wrap gap-1">
        {REPAIRABLE.map((category) => (
          <button
            key={category}
            type="button"
            aria-pressed={chosen.includes(category)}
            onClick={() => onChange(toggled(category))}
            className="h-7 rounded border border-edge/40 px-2 text-xs text-soft hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-wash aria-pressed:font-medium aria-pressed:text-accent pointer-coarse:h-9"
          >
            {CATEGORY[category]}
          </button>
        ))}
      </div>
    </fieldset>
  )
}
