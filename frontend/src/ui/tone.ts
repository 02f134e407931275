// The six tones of the product and the classes each one paints with. Literal, so that the stylesheet compiler finds them.

export type Tone = 'red' | 'orange' | 'amber' | 'green' | 'accent' | 'quiet'

interface Paint {
  text: string
  wash: string
  dot: string
  line: string
}

export const TONE: Record<Tone, Paint> = {
  red: { text: 'text-red', wash: 'bg-red-wash', dot: 'bg-red', line: 'border-red' },
  orange: { text: 'text-orange', wash: 'bg-orange-wash', dot: 'bg-orange', line: 'border-orange' },
  amber: { text: 'text-amber', wash: 'bg-amber-wash', dot: 'bg-amber', line: 'border-amber' },
  green: { text: 'text-green', wash: 'bg-green-wash', dot: 'bg-green', line: 'border-green' },
  accent: { text: 'text-accent', wash: 'bg-accent-wash', dot: 'bg-accent', line: 'border-accent' },
  quiet: { text: 'text-soft', wash: 'bg-sunken', dot: 'bg-faint', line: 'border-edge' },
}
