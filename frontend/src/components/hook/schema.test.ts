// What is typed into a hook is told apart from what would be sent.
import { describe, expect, it } from 'vitest'
import { EMPTY_SCHEMA, readHeaders, readSchema } from './schema'

describe('readSchema', () => {
  it('takes an object schema and says what is wrong with anything else', () => {
    expect(readSchema(EMPTY_SCHEMA)).toMatchObject({ type: 'object' })
    expect(readSchema('{')).toMatch(/not JSON/)
    expect(readSchema('[]')).toMatch(/JSON object/)
    expect(readSchema('{"type":"string"}')).toMatch(/"type": "object"/)
  })
})

describe('readHeaders', () => {
  it('splits at the first colon, as HTTP does', () => {
    expect(readHeaders('Authorization: Bearer a:b\n\nX-Id:1')).toEqual({
      Authorization: 'Bearer a:b',
      'X-Id': '1',
    })
    expect(readHeaders('')).toEqual({})
    expect(readHeaders('no header')).toBeNull()
    expect(readHeaders(': empty')).toBeNull()
  })
})
