// During a visit everything of the team is asked as the member, and nothing of one's own or of the installation.
import { expect, it } from 'vitest'
import { asOneself } from './visit'

it.each([
  ['/api/me', false],
  ['/api/me/sessions', true],
  ['/api/me/profile', true],
  ['/api/admin/impersonations/1', true],
  ['/api/abuse/attempts', true],
  ['/api/config', true],
  ['/api/incidents', false],
  ['/api/team/members', false],
  ['/api/members', false],
])('%s as oneself: %s', (path, expected) => expect(asOneself(path)).toBe(expected))
