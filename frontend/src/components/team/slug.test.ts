// A suggested short name is one that the server takes, or nothing.
import { expect, it } from 'vitest'
import { slugOf } from './slug'

it.each([
  ['Zürich Ops & Co.', 'zurich-ops-co'],
  ['  --a  ', 'a'],
  ['日本', ''],
  ['', ''],
  ['x'.repeat(100), 'x'.repeat(63)],
  [`${'x'.repeat(62)} y`, 'x'.repeat(62)],
])('%s → %s', (name, slug) => expect(slugOf(name)).toBe(slug))
