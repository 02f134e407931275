// Two people write at once: nothing that was typed is lost, nothing is overwritten unasked.
import { act, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { keys } from '../../api/keys'
import { fakeServer, show, type Answers } from '../../testing/page'
import { postMortem } from '../../testing/samples'
import { PostMortemEditor } from './post-mortem-editor'

const PATH = '/api/incidents/incident-1/post-mortem'
const THEIRS = postMortem(2, { author: 'Bob', body_md: '# Theirs' })

function edit(answers: Answers) {
  const { api, calls } = fakeServer(answers)
  let closed = false
  const page = show(<PostMortemEditor base={postMortem(1)} onClose={() => (closed = true)} />, api)
  return { ...page, calls, user: userEvent.setup(), isClosed: () => closed }
}

const textbox = () => screen.getByRole<HTMLTextAreaElement>('textbox')

describe('PostMortemEditor', () => {
  it('saves on top of the version that was read', async () => {
    const { user, calls, isClosed } = edit({
      [`GET ${PATH}`]: { body: postMortem(1) },
      [`PUT ${PATH}`]: { body: postMortem(2) },
    })
    await user.type(textbox(), ' and more')
    await user.click(screen.getByRole('button', { name: 'Save version 2' }))
    await waitFor(() => expect(isClosed()).toBe(true))
    expect(calls.find((call) => call.method === 'PUT')?.body).toEqual({
      body_md: '# Version 1 and more',
      base_version: 1,
    })
  })

  it('keeps the text when somebody saved first, and saves after theirs only when asked to', async () => {
    let newest = postMortem(1)
    const { user, calls, isClosed } = edit({
      [`GET ${PATH}`]: () => ({ body: newest }),
      [`PUT ${PATH}`]: ({ body }) => {
        if ((body as { base_version: number }).base_version === 2) return { body: postMortem(3) }
        newest = THEIRS
        return { status: 409, body: { code: 'version_conflict', title: 'Conflict', status: 409 } }
      },
    })
    await user.type(textbox(), ', mine')
    await user.click(screen.getByRole('button', { name: 'Save version 2' }))
    expect(await screen.findByText(/Bob saved version 2/)).toBeTruthy()
    expect(textbox().value).toBe('# Version 1, mine')
    await user.click(screen.getByRole('button', { name: /Keep mine/ }))
    await user.click(screen.getByRole('button', { name: 'Save version 3' }))
    await waitFor(() => expect(isClosed()).toBe(true))
    expect(calls.at(-1)?.body).toEqual({ body_md: '# Version 1, mine', base_version: 2 })
  })

  it('hears of another version while writing, before anything is sent', async () => {
    const { user, queries, calls } = edit({ [`GET ${PATH}`]: { body: postMortem(1) } })
    await user.type(textbox(), ', mine')
    act(() => void queries.setQueryData(keys.postMortem('incident-1'), THEIRS))
    expect(await screen.findByText(/Bob saved version 2/)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: /Save version/ }))
    expect(calls.some((call) => call.method === 'PUT')).toBe(false)
    await user.click(screen.getByRole('button', { name: /Take theirs/ }))
    expect(textbox().value).toBe('# Theirs')
  })

  it('keeps the text when the server does not answer', async () => {
    const { user } = edit({
      [`GET ${PATH}`]: { body: postMortem(1) },
      [`PUT ${PATH}`]: {
        status: 503,
        body: { code: 'unavailable', title: 'Busy', detail: 'The database is busy.' },
      },
    })
    await user.type(textbox(), '!')
    await user.click(screen.getByRole('button', { name: 'Save version 2' }))
    expect(await screen.findByText(/The database is busy/)).toBeTruthy()
    expect(textbox().value).toBe('# Version 1!')
  })
})
