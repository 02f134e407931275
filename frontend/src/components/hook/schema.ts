// The arguments of a hook as a JSON Schema that a person types.

const NONE = { type: 'object', properties: {}, additionalProperties: false }

export const EMPTY_SCHEMA = JSON.stringify(NONE, null, 2)

/** The schema, or a sentence that says what is wrong with it. The server checks it whole. */
export function readSchema(text: string): Record<string, unknown> | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'A schema is a JSON object.'
  const schema = value as Record<string, unknown>
  return schema.type === 'object' ? schema : 'The arguments are an object: the schema needs "type": "object".'
}

/** Headers as lines "Name: value"; null when a line is no header. */
export function readHeaders(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n').filter((line) => line.trim())) {
    const colon = line.indexOf(':')
    if (colon < 1) return null
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim()
  }
  return headers
}
