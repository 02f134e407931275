// A drop-down menu. Not modal, because the modal one injects a style element.
import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

const ITEM =
  'flex h-8 cursor-default items-center gap-2 rounded px-2 text-sm outline-none select-none data-[highlighted]:bg-hover pointer-coarse:h-11'

interface Props {
  trigger: ReactNode
  side?: 'top' | 'bottom'
  children: ReactNode
}

export function Menu({ trigger, side = 'bottom', children }: Props) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-52 rounded-lg border bg-surface p-1 shadow-xl shadow-black/15 dark:shadow-black/50"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface ItemProps {
  onSelect: () => void
  /** Why it cannot be chosen. */
  note?: string | null
  children: ReactNode
}

export const MenuItem = ({ onSelect, note, children }: ItemProps) => (
  <Radix.Item onSelect={onSelect} disabled={Boolean(note)} className={note ? `${ITEM} h-auto! py-1.5` : ITEM}>
    <span>
      <span className={note ? 'text-faint' : undefined}>{children}</span>
      {note && <span className="block max-w-60 text-xs text-faint">{note}</span>}
    </span>
  </Radix.Item>
)

interface ChoiceProps<T extends string> {
  label: string
  value: T
  options: Record<T, string>
  onChange: (value: T) => void
}

export function MenuChoice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <>
      <Radix.Label className="px-2 pt-1.5 pb-1 label">{label}</Radix.Label>
      <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {(Object.keys(options) as T[]).map((option) => (
          <Radix.RadioItem key={option} value={option} className={ITEM}>
            <span className="grid size-4 place-items-center">
              <Radix.ItemIndicator>
                <Check aria-hidden className="size-3.5" />
              </Radix.ItemIndicator>
            </span>
            {options[option]}
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </>
  )
}

export const MenuLine = () => <Radix.Separator className="my-1 h-px bg-line" />
