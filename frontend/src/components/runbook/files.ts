// Which of the files that somebody picked are sent, and in how many goes: the same choice as the command line makes.
import type { ImportedRunbooks, RunbookFile } from '../../api/types'

export interface Picked {
  /** In the folder that was picked; a single file's name. */
  path: string
  size: number
  text: () => Promise<string>
}

/** Larger ones are refused by the server; they are not even read. */
const MOST_BYTES = 400_000
const MOST_FILES = 2_000
const ENDINGS = /\.(md|markdown)$/i
const HIDDEN = /(^|\/)(\.[^/]*|node_modules)\//
const ABOUT_THE_FOLDER =
  /(^|\/)(readme|contributing|changelog|license|code_of_conduct|security|index)\.[^/]+$/i

/** Of files picked one by one, those that are no Markdown: a folder has such files anyway, a person meant these. */
export const othersOf = (files: File[]): ImportedRunbooks['skipped'] =>
  files
    .filter(({ name, webkitRelativePath }) => webkitRelativePath === '' && !ENDINGS.test(name))
    .map(({ name }) => ({
      path: name,
      why: 'It is not Markdown: its name ends neither in .md nor in .markdown.',
    }))

/** Markdown that is not hidden; the folder's own name is not part of a path, so that a checkout may be called anything. */
export function markdownOf(files: File[]): Picked[] {
  return files
    .map((file) => ({
      path: file.webkitRelativePath.split('/').slice(1).join('/') || file.name,
      size: file.size,
      text: () => file.text(),
    }))
    .filter(({ path }) => ENDINGS.test(path) && !HIDDEN.test(path))
    .slice(0, MOST_FILES)
}

export interface Readable {
  files: RunbookFile[]
  skipped: ImportedRunbooks['skipped']
}

export async function read(picked: Picked[]): Promise<Readable> {
  const found: Readable = { files: [], skipped: [] }
  for (const { path, size, text } of picked) {
    if (size > MOST_BYTES) {
      found.skipped.push({ path, why: 'It is larger than 400,000 bytes.' })
      continue
    }
    const content = await text()
    if (ABOUT_THE_FOLDER.test(path) && !content.startsWith('---')) {
      const why = 'It is about the folder. With front matter it would be taken for a runbook.'
      found.skipped.push({ path, why })
    } else found.files.push({ path, content })
  }
  return found
}

const FILES_AT_ONCE = 200
/** The server takes a megabyte; escapes may double a text. */
const CHARS_AT_ONCE = 400_000

/** Parts that one request each can carry. */
export function parts(files: RunbookFile[]): RunbookFile[][] {
  const found: RunbookFile[][] = []
  let chars = 0
  for (const file of files) {
    const last = found.at(-1)
    const more = file.content.length + file.path.length
    if (!last || last.length === FILES_AT_ONCE || chars + more > CHARS_AT_ONCE) {
      found.push([file])
      chars = more
    } else {
      last.push(file)
      chars += more
    }
  }
  return found
}
