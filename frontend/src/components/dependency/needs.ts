// Dependencies as they are read: what each target needs.
import type { Dependency } from '../../api/types'

export interface Needs {
  target: string
  needs: Dependency[]
}

/** By target, those whose target or need has the words. */
export function needsOf(dependencies: Dependency[], words: string): Needs[] {
  const found = new Map<string, Dependency[]>()
  for (const dependency of dependencies) {
    const { target, depends_on } = dependency
    if (!`${target} ${depends_on}`.toLowerCase().includes(words.trim().toLowerCase())) continue
    found.set(target, [...(found.get(target) ?? []), dependency])
  }
  return [...found].map(([target, needs]) => ({ target, needs }))
}
