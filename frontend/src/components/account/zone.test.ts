// UTC by choice stays UTC; UTC because nobody was asked is the browser's zone.
import { expect, it } from 'vitest'
import { choosing, chosenZone } from './zone'

const profile = (time_zone: string, preferences = {}) => ({ time_zone, preferences })

it('takes only for chosen what somebody saved', () => {
  expect(chosenZone(profile('UTC'))).toBeUndefined()
  expect(chosenZone(profile('Asia/Kolkata'))).toBe('Asia/Kolkata')
  expect(chosenZone(profile('UTC', choosing(profile('UTC'))))).toBe('UTC')
})

it('keeps the other preferences', () => {
  expect(choosing(profile('UTC', { density: 'calm' }))).toEqual({ density: 'calm', zone_chosen: true })
})
