// Secrets that never come back must not be lost by saving.
import { expect, it } from 'vitest'
import type { Hook } from '../../api/types'
import { bodyOf, draftOf, patchOf } from './draft'

const hook = {
  name: 'restart',
  description: '',
  url: 'https://hooks.example.com/restart',
  method: 'PUT',
  target: null,
  risk: 'low',
  inverse: '',
  idempotent: true,
  categories: ['app_crash'],
  params_schema: { type: 'object' },
} as unknown as Hook

const patch = (headers: string) => {
  const body = bodyOf({ ...draftOf(hook), headers })
  if (typeof body === 'string') throw new Error(body)
  return patchOf(body, hook)
}

it('leaves the headers and the method alone unless headers are typed anew', () => {
  expect(patch('')).not.toHaveProperty('headers')
  expect(patch('').method).toBe('PUT')
  expect(patch('X-Key: 2').headers).toEqual({ 'X-Key': '2' })
})
