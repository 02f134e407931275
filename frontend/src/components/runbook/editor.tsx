// Writing a runbook: what it is for, and Markdown with a look at how it reads.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { changeRunbook, createRunbook } from '../../api/commands'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import type { Runbook } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Field, Input, Textarea } from '../../ui/field'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Categories } from '../incident/categories'
import { EMPTY, bodyOf, draftOf, missingOf, type Draft } from './draft'

const Document = lazy(() => import('../../ui/markdown').then(({ Document }) => ({ default: Document })))

interface Props {
  /** What is changed; without one a new runbook is written. One that comes with Nightdesk is copied. */
  runbook?: Runbook
  onSaved: (runbook: Runbook) => void
  onClose: () => void
}

export function RunbookEditor({ runbook, onSaved, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(runbook ? draftOf(runbook) : EMPTY)
  const api = useApi()
  const client = useQueryClient()
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const save = useMutation({
    mutationFn: () => {
      const body = bodyOf(draft)
      if (!runbook) return createRunbook(api, body)
      if (runbook.builtin) return createRunbook(api, { ...body, slug: runbook.slug })
      return changeRunbook(api, runbook.id, runbook.version, body)
    },
    onSuccess: onSaved,
    onSettled: () => client.invalidateQueries({ queryKey: keys.runbooks }),
  })
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missingOf(draft) && !save.isPending) save.mutate()
      }}
    >
      {save.error && (
        <Banner tone="red" urgent title="Not saved">
          {wording(save.error)}
        </Banner>
      )}
      <Field label="Title">
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={200}
            value={draft.title}
            onChange={({ target }) => set({ title: target.value })}
          />
        )}
      </Field>
      <Categories label="For" chosen={draft.categories} onChange={(categories) => set({ categories })} />
      <Field label="Targets" hint="One on each line, with * and ?; none: it is not about certain names.">
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            className="font-mono text-xs!"
            value={draft.targets}
            onChange={({ target }) => set({ targets: target.value })}
          />
        )}
      </Field>
      <Field label="What to do" hint="Markdown.">
        {(control) => (
          <Textarea
            {...control}
            rows={16}
            maxLength={100_000}
            className="font-mono text-xs!"
            value={draft.body}
            onChange={({ target }) => set({ body: target.value })}
          />
        )}
      </Field>
      <div className="mb-4 flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={save.isPending} refused={missingOf(draft)}>
          Save
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
      {draft.body.trim() && (
        <Section title="How it reads">
          <Suspense fallback={<SkeletonLines lines={6} />}>
            <Document text={draft.body} />
          </Suspense>
        </Section>
      )}
    </form>
  )
}
