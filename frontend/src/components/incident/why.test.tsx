// What a finding rests on stands open; what was only seen about then is folded, and marks no evidence as cited.
import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Citation } from '../../api/types'
import { fakeServer, show } from '../../testing/page'
import { evidence, hypothesis } from '../../testing/samples'
import { Alternatives } from './hypotheses'
import { Why } from './why'

const citation = (label: string, quote: string, beside = false): Citation => ({
  evidence: label,
  evidence_id: `${label}-1`,
  quote,
  note: beside ? 'seen about then' : '',
  beside,
})

const looked = [
  evidence('E1', 1, { title: 'Error lines', content: 'OutOfMemoryError' }),
  evidence('E2', 1, { title: 'What was changed', source: 'changes', content: 'cache 1 -> 2' }),
]
const leading = hypothesis(1, 1, {
  supporting: [citation('E1', 'OutOfMemoryError'), citation('E2', 'cache 1 -> 2', true)],
})

const open = (top: typeof leading | undefined) =>
  show(
    <Why
      top={top}
      hypotheses={[leading]}
      evidence={looked}
      known
      loading={null}
      alertAt="2026-11-21T03:00:00Z"
    />,
    fakeServer({}).api,
  )

function folded(text: string): HTMLDetailsElement {
  const around = screen.getByText(text).closest('details')
  if (!around) throw new Error(`${text} is not folded`)
  return around
}

// jsdom lays nothing out, so that there is nowhere to go to.
beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn()
})

describe('Why', () => {
  it('shows what the finding rests on and folds what was seen beside it', async () => {
    open(leading)
    expect(screen.getByText('OutOfMemoryError').closest('details')).toBeNull()
    const also = folded('Also seen about then (1)')
    expect(also.open).toBe(false)
    expect(within(also).getByText('cache 1 -> 2')).toBeTruthy()
    await userEvent.click(screen.getByText('Also seen about then (1)'))
    await userEvent.click(within(also).getByRole('button', { name: 'E2' }))
    expect(folded('What was changed').open).toBe(true)
  })

  it('calls cited only what something rests on', () => {
    open(leading)
    const cited = (title: string) => within(folded(title)).queryByText('cited')
    expect(cited('Error lines')).toBeTruthy()
    expect(cited('What was changed')).toBeNull()
  })

  it('says once what is said of several quotes in a row', () => {
    const like = (label: string) => ({ ...citation(label, `as ${label}`), note: 'as in recorded cases' })
    open(hypothesis(1, 1, { supporting: [like('E1'), like('E2')] }))
    expect(screen.getAllByText('As in recorded cases')).toHaveLength(1)
    expect(screen.getByText('as E2')).toBeTruthy()
  })

  it('tells it also where nothing leads', () => {
    open(undefined)
    expect(screen.getByText('Also seen about then (1)')).toBeTruthy()
  })
})

describe('Alternatives', () => {
  it('counts nothing for an explanation that was only seen beside it', () => {
    show(<Alternatives top={undefined} others={[leading]} />, fakeServer({}).api)
    expect(screen.getByText('OutOfMemoryError')).toBeTruthy()
    expect(screen.queryByText('cache 1 -> 2')).toBeNull()
  })

  it('says what speaks against good news, also where there is no other explanation', () => {
    const well = hypothesis(1, 1, {
      category: 'healthy',
      contradicting: [citation('E1', 'OutOfMemoryError')],
    })
    show(<Alternatives top={well} others={[]} />, fakeServer({}).api)
    expect(screen.getByText('Against the leading explanation')).toBeTruthy()
    expect(screen.getByText('OutOfMemoryError')).toBeTruthy()
  })
})
