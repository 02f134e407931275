// A dialog gives the focus back: whoever leaves it goes on where they were.
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { Dialog } from './dialog'
import { Menu, MenuItem } from './menu'

interface Props {
  /** The button goes away with what it asked for. */
  once?: boolean
}

function Page({ once }: Props) {
  const [open, setOpen] = useState(false)
  const [done, setDone] = useState(false)
  return (
    <main tabIndex={-1}>
      {!done && <button onClick={() => setOpen(true)}>Ask</button>}
      <Menu trigger={<button>More</button>}>
        <MenuItem onSelect={() => setOpen(true)}>Ask from a menu</MenuItem>
      </Menu>
      {open && (
        <Dialog
          open
          title="Sure?"
          onClose={() => {
            setOpen(false)
            setDone(once === true)
          }}
        >
          <input autoFocus aria-label="Reason" />
        </Dialog>
      )}
    </main>
  )
}

const focused = (element: HTMLElement) => waitFor(() => expect(document.activeElement).toBe(element))

it('to the button that opened it, also when a field in it had taken the focus at once', async () => {
  render(<Page />)
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }))
  await focused(screen.getByLabelText('Reason'))
  await userEvent.keyboard('{Escape}')
  await focused(screen.getByRole('button', { name: 'Ask' }))
})

it('to the button of the menu that it was chosen from', async () => {
  render(<Page />)
  screen.getByRole('button', { name: 'More' }).focus()
  await userEvent.keyboard('{Enter}')
  await screen.findByRole('menuitem')
  await userEvent.keyboard('{Enter}')
  await focused(screen.getByLabelText('Reason'))
  await userEvent.keyboard('{Escape}')
  await focused(screen.getByRole('button', { name: 'More' }))
})

it('to the page when the button is gone', async () => {
  render(<Page once />)
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }))
  await userEvent.keyboard('{Escape}')
  await focused(screen.getByRole('main'))
})
