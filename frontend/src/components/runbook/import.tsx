// Taking runbooks over from Markdown files or a whole folder; again and again, by path.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FileText, FolderOpen } from 'lucide-react'
import { useRef, useState, type ReactNode } from 'react'
import { importRunbooks } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { meQuery } from '../../api/queries'
import type { ImportedRunbooks } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { markdownOf, othersOf, parts, read } from './files'

const NOTHING: ImportedRunbooks = { created: [], updated: [], unchanged: [], skipped: [] }

function useImport() {
  const api = useApi()
  const client = useQueryClient()
  const [done, setDone] = useState<ImportedRunbooks | null>(null)
  const run = useMutation({
    mutationFn: async (picked: File[]) => {
      const { files, skipped } = await read(markdownOf(picked))
      let all = { ...NOTHING, skipped: [...othersOf(picked), ...skipped] }
      for (const part of parts(files)) {
        const one = await importRunbooks(api, part)
        all = {
          created: [...all.created, ...one.created],
          updated: [...all.updated, ...one.updated],
          unchanged: [...all.unchanged, ...one.unchanged],
          skipped: [...all.skipped, ...one.skipped],
        }
        // Part by part, so that what has been taken over is told even when the next part fails.
        setDone(all)
      }
      setDone(all)
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.runbooks }),
  })
  const start = (picked: File[]) => {
    setDone(null)
    run.mutate(picked)
  }
  return { done, start, busy: run.isPending, error: run.error }
}

export function ImportRunbooks({ onClose }: { onClose: () => void }) {
  const { done, start, busy, error } = useImport()
  const { data: me } = useQuery(meQuery(useApi()))
  return (
    <Dialog
      open
      onClose={onClose}
      title="Import runbooks"
      says="Markdown files, or a folder with all that is in it. The path says which runbook a file is: importing again changes only what has changed, and nothing that was edited here."
      footer={<Button onClick={onClose}>{done ? 'Done' : 'Cancel'}</Button>}
    >
      <div className="flex flex-wrap gap-2">
        <Pick icon={<FolderOpen aria-hidden className="size-4" />} folder busy={busy} onPick={start}>
          Choose a folder
        </Pick>
        <Pick icon={<FileText aria-hidden className="size-4" />} busy={busy} onPick={start}>
          Choose files
        </Pick>
      </div>
      {error && (
        <Banner
          tone="red"
          urgent
          className="mt-4"
          title={done ? 'Broke off half-way' : 'Nothing was imported'}
        >
          {wording(error)}
        </Banner>
      )}
      {done && <Outcome done={done} />}
      {!done && !busy && (
        <div className="mt-5">
          <p className="mb-2 text-sm text-soft">
            To keep a Git checkout in step, let a cron job or your CI do it where Nightdesk runs:
          </p>
          <Snippet
            label="Command line"
            text={`git pull && nightdesk runbook import . --team ${me?.team.slug ?? 'SLUG'}`}
            wrap
          />
        </div>
      )}
    </Dialog>
  )
}

interface PickProps {
  icon: ReactNode
  folder?: boolean
  busy: boolean
  onPick: (files: File[]) => void
  children: string
}

function Pick({ icon, folder, busy, onPick, children }: PickProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button busy={busy} onClick={() => input.current?.click()}>
        {icon}
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={children}
        {...(folder ? { webkitdirectory: '' } : { accept: '.md,.markdown' })}
        onChange={({ target }) => {
          const picked = [...(target.files ?? [])]
          // So that the same files can be picked again.
          target.value = ''
          if (picked.length > 0) onPick(picked)
        }}
      />
    </>
  )
}

function Outcome({ done }: { done: ImportedRunbooks }) {
  const { created, updated, unchanged, skipped } = done
  const none = created.length + updated.length + unchanged.length + skipped.length === 0
  if (none) return <p className="mt-4 text-sm text-soft">There is no Markdown file in it.</p>
  return (
    <div role="status" className="mt-4 text-sm">
      <p className="font-medium tabular">
        {created.length} created, {updated.length} changed, {unchanged.length} as before, {skipped.length}{' '}
        left out
      </p>
      <Paths title="Created" paths={created} />
      <Paths title="Changed" paths={updated} />
      {skipped.length > 0 && (
        <>
          <p className="mt-3 label">Left out</p>
          <ul className="mt-1 flex flex-col gap-1.5">
            {skipped.map(({ path, why }) => (
              <li key={path}>
                <span className="font-mono text-xs wrap-anywhere">{path}</span>
                <span className="block text-soft">{why}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

const Paths = ({ title, paths }: { title: string; paths: string[] }) =>
  paths.length > 0 && (
    <>
      <p className="mt-3 label">{title}</p>
      <ul className="mt-1 font-mono text-xs">
        {paths.map((path) => (
          <li key={path} className="wrap-anywhere">
            {path}
          </li>
        ))}
      </ul>
    </>
  )
