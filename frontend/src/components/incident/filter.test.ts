// Addresses people share lead to what they saw, and broken ones to something sensible.
import { describe, expect, it } from 'vitest'
import { readSearch, toFilter } from './filter'

describe('readSearch', () => {
  it('keeps what it understands and drops the rest', () => {
    expect(readSearch({ status: 'closed', severity: 'high', q: 'shop', page: 3 })).toEqual({
      status: 'closed',
      severity: 'high',
      q: 'shop',
    })
    expect(readSearch({ status: 'exploded', severity: 7, q: { a: 1 } })).toEqual({})
  })

  it('open is the default and needs no words', () => {
    expect(readSearch({ status: 'open' })).toEqual({})
  })

  it('a number typed as a search is text', () => {
    expect(readSearch({ q: 142 })).toEqual({ q: '142' })
  })

  it('does not take a property of every object for a status', () => {
    expect(readSearch({ status: 'constructor' })).toEqual({})
  })
})

describe('toFilter', () => {
  it('asks for everything open, for one status, or for all', () => {
    expect(toFilter({}).status).not.toContain('resolved')
    expect(toFilter({}).status).toContain('awaiting_approval')
    expect(toFilter({ status: 'failed' }).status).toEqual(['failed'])
    expect(toFilter({ status: 'all' })).toEqual({})
  })

  it('puts together what is alike among what is open, and nothing of what is over', () => {
    expect(toFilter({ q: 'shop' }).collapsed).toBe(true)
    expect(toFilter({ status: 'closed' }).collapsed).toBeUndefined()
  })

  it('leaves out a search of blanks', () => {
    expect(toFilter({ status: 'all', q: '  ' })).toEqual({})
  })
})
