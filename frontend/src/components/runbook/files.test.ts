// The browser takes from a folder what the command line takes, and sends no more at once than the server accepts.
import { describe, expect, it } from 'vitest'
import { markdownOf, othersOf, parts, read } from './files'

function file(path: string, content = ''): File {
  const made = new File([content], path.split('/').at(-1) ?? '')
  Object.defineProperty(made, 'webkitRelativePath', { value: path.includes('/') ? path : '' })
  return made
}

describe('a folder', () => {
  it('gives its Markdown, by paths that do not change with its name', () => {
    const picked = ['ops/a.md', 'ops/db/b.MARKDOWN', 'ops/c.txt', 'ops/.git/d.md', 'ops/node_modules/x/e.md']
    expect(markdownOf(picked.map((path) => file(path))).map(({ path }) => path)).toEqual([
      'a.md',
      'db/b.MARKDOWN',
    ])
  })

  it('gives single files by their names', () =>
    expect(markdownOf([file('oom.md')]).map(({ path }) => path)).toEqual(['oom.md']))

  it('has files of any kind, but who picks a picture alone is told that it is no Markdown', () => {
    const picked = [file('oom.md'), file('graph.png'), file('ops/logo.png')]
    expect(othersOf(picked).map(({ path }) => path)).toEqual(['graph.png'])
  })

  it('keeps what is about the folder back, unless it says that it is a runbook', async () => {
    const picked = markdownOf([
      file('ops/README.md', '# Ops'),
      file('ops/db/index.md', '---\ntitle: Index bloat\n---'),
      file('ops/big.md', 'x'.repeat(400_001)),
    ])
    const { files, skipped } = await read(picked)
    expect(files.map(({ path }) => path)).toEqual(['db/index.md'])
    expect(skipped.map(({ path }) => path)).toEqual(['README.md', 'big.md'])
  })
})

describe('parts', () => {
  const many = (count: number, chars: number) =>
    Array.from({ length: count }, (_, n) => ({ path: `${n}.md`, content: 'x'.repeat(chars) }))
  it('hold at most 200 files', () =>
    expect(parts(many(401, 1)).map((part) => part.length)).toEqual([200, 200, 1]))
  it('and no more than the server takes', () =>
    expect(parts(many(5, 150_000)).map((part) => part.length)).toEqual([2, 2, 1]))
  it('lose nothing that is large alone', () =>
    expect(parts(many(2, 400_000)).map((part) => part.length)).toEqual([1, 1]))
})
