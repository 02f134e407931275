// An alert that fired again is no second trouble to be split off.
import { expect, it } from 'vitest'
import type { Alert } from '../../api/types'
import { distinct } from './alerts'

const alert = (id: string, labels: Record<string, string>): Alert => ({
  id,
  name: 'Down',
  status: 'firing',
  severity: 'high',
  source: 'alertmanager',
  labels,
  annotations: {},
  starts_at: '2026-11-21T03:00:00Z',
  ends_at: null,
  generator_url: null,
  receipts: 1,
})

it('counts one alert once, however its labels are ordered', () => {
  const found = distinct([
    alert('3', { pod: 'a', zone: 'x' }),
    alert('2', { pod: 'b' }),
    alert('1', { zone: 'x', pod: 'a' }),
  ])
  expect(found.map(({ id }) => id)).toEqual(['3', '2'])
})
