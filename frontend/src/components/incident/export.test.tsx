// A finished incident can be taken away as a file, an open one not yet; a refusal is told.
import { screen, waitFor } from '@testing-library/react'
import userEvent, { type UserEvent } from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { IncidentDetail } from '../../api/types'
import { fakeServer, show, type Answer } from '../../testing/page'
import { incident } from '../../testing/samples'
import { Verbs } from './verbs'

const ID = incident().id
const PATH = `/api/incidents/${ID}/scenario.zip`

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function open(status: IncidentDetail['status'], answer: Answer) {
  const server = fakeServer({ [`GET ${PATH}`]: answer })
  show(<Verbs incident={incident({ status })} />, server.api)
  return server
}

/** By keyboard; the wide page and the narrow one have a menu each. */
async function openMenu(user: UserEvent) {
  const [menu] = screen.getAllByRole('button', { name: 'More to do' })
  menu?.focus()
  await user.keyboard('{Enter}')
  await screen.findByRole('menu')
}

async function choose() {
  const user = userEvent.setup()
  await openMenu(user)
  await user.click(screen.getByRole('menuitem', { name: 'Export as scenario' }))
}

it('hands the browser the zip', async () => {
  const made = vi.fn<(content: Blob) => string>(() => 'blob:zip')
  class Addresses extends URL {
    static override createObjectURL = made
    static override revokeObjectURL = () => undefined
  }
  vi.stubGlobal('URL', Addresses)
  const followed = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
  const { calls } = open('resolved', { body: 'zip' })
  await choose()
  await waitFor(() => expect(followed).toHaveBeenCalledOnce())
  expect(made.mock.calls.map(([content]) => content.type)).toEqual(['application/zip'])
  expect(calls.filter((call) => call.path === PATH)).toHaveLength(1)
})

it('says why there is none', async () => {
  open('resolved', {
    status: 409,
    body: { code: 'incident_open', title: 'Incident open', detail: 'Resolve it.' },
  })
  await choose()
  expect(await screen.findByText('Resolve it.')).toBeTruthy()
})

it('is not offered while it is open', async () => {
  open('analyzed', { body: 'zip' })
  await openMenu(userEvent.setup())
  expect(screen.getByRole('menuitem', { name: /Resolve/ })).toBeTruthy()
  expect(screen.queryByRole('menuitem', { name: 'Export as scenario' })).toBeNull()
})
