// What our own access token says. The server checks it; here it only decides what to ask for.

function claims(token: string): Record<string, unknown> {
  try {
    const [, body = ''] = token.split('.')
    return JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** How sure the server is who this is: "aal2" after a second factor. */
export const aalOf = (token: string): unknown => claims(token).aal

export const sessionOf = (token: string): unknown => claims(token).session_id
