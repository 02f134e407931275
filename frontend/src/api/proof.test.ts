// The work a browser does is the work the server checks.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { payload, solve } from './proof'

const challengeOf = (number: number) => ({
  algorithm: 'SHA-256',
  challenge: createHash('sha256').update(`salt?expires=1&${number}`).digest('hex'),
  maxnumber: 1000,
  salt: 'salt?expires=1&',
  signature: 'signed',
})

it.each([0, 7, 1000])('finds %i', (number) => expect(solve(challengeOf(number))).toBe(number))

it('gives up after the last number', () => {
  expect(solve(challengeOf(1001))).toBeNull()
})

it('sends back everything that was signed, and the number', () => {
  expect(JSON.parse(atob(payload(challengeOf(7), 7)))).toEqual({
    algorithm: 'SHA-256',
    challenge: challengeOf(7).challenge,
    number: 7,
    salt: 'salt?expires=1&',
    signature: 'signed',
  })
})
