// Editing a post-mortem. The invariant: what a person typed is never lost, whoever else saves.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { savePostMortem } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { isRefusal, wording } from '../../api/problem'
import { postMortemQuery } from '../../api/queries'
import type { PostMortem } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Textarea } from '../../ui/field'
import { useToast } from '../../ui/toast'
import { Ago } from '../../ui/when'

interface Props {
  base: PostMortem
  onClose: () => void
}

export function PostMortemEditor({ base, onClose }: Props) {
  const api = useApi()
  const [text, setText] = useState(base.body_md)
  const [version, setVersion] = useState(base.version)
  const newest = useQuery(postMortemQuery(api, base.incident_id)).data
  const save = useSave(base.incident_id, onClose)
  const theirs = newest && newest.version > version ? newest : null
  const send = (onto: number) => save.mutate({ text, version: onto })
  return (
    <div className="flex flex-col gap-3">
      {theirs && (
        <Conflict
          theirs={theirs}
          refused={isRefusal(save.error, 'version_conflict')}
          onTake={() => {
            setText(theirs.body_md)
            setVersion(theirs.version)
            save.reset()
          }}
          onKeep={() => {
            setVersion(theirs.version)
            save.reset()
          }}
        />
      )}
      {save.error && !isRefusal(save.error, 'version_conflict') && (
        <Banner tone="red" urgent title="Not saved">
          {wording(save.error)} Your text is still here.
        </Banner>
      )}
      <Textarea
        aria-label="Post-mortem in Markdown"
        rows={24}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="font-mono text-xs! leading-relaxed"
      />
      <div className="flex items-center gap-2">
        <Button
          look="primary"
          busy={save.isPending}
          refused={refusal(text, base.body_md, theirs)}
          onClick={() => send(version)}
        >
          Save version {version + 1}
        </Button>
        <Button onClick={onClose}>Discard</Button>
        <span className="label">Markdown. Raw HTML is shown as text.</span>
      </div>
    </div>
  )
}

function refusal(text: string, before: string, theirs: PostMortem | null): string | null {
  if (theirs) return 'Decide first what becomes of the version saved meanwhile.'
  if (!text.trim()) return 'It is empty.'
  return text === before ? 'Nothing has been changed.' : null
}

function useSave(incidentId: string, done: () => void) {
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (edit: { text: string; version: number }) =>
      savePostMortem(api, incidentId, edit.text, edit.version),
    onSuccess: (saved) => {
      client.setQueryData(keys.postMortem(incidentId), saved)
      toast({ tone: 'green', text: `Saved as version ${saved.version}.` })
      done()
    },
    // The version that got in between is fetched, so that it can be compared.
    onError: () => client.invalidateQueries({ queryKey: keys.postMortem(incidentId) }),
  })
}

interface ConflictProps {
  theirs: PostMortem
  refused: boolean
  onTake: () => void
  onKeep: () => void
}

function Conflict({ theirs, refused, onTake, onKeep }: ConflictProps) {
  return (
    <Banner
      tone="amber"
      urgent
      title={
        <>
          {theirs.author} saved version {theirs.version}, <Ago at={theirs.created_at} />
          {refused && ', before you did'}
        </>
      }
    >
      <p>Your text is kept below and nothing has been overwritten.</p>
      <details className="my-2">
        <summary className="text-accent">Show version {theirs.version}</summary>
        <div className="mt-2 max-h-80 overflow-auto">
          <Snippet label={`Version ${theirs.version}`} text={theirs.body_md} wrap />
        </div>
      </details>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={onKeep}>
          Keep mine, as the version after it
        </Button>
        <Button size="sm" onClick={onTake}>
          Take theirs, drop mine
        </Button>
      </div>
    </Banner>
  )
}
