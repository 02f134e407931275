// Adding a secret pattern: the server says as one types whether it can be used, and shows what it hides.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { createSecretPattern, secretTrialQuery } from '../../api/model'
import { isRefusal, wording } from '../../api/problem'
import { Field, Input, Textarea } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { useSettled } from '../../ui/settled'

const EMPTY = { name: '', pattern: '', sample: '' }

export function SecretDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY)
  const set = (change: Partial<typeof EMPTY>) => setDraft({ ...draft, ...change })
  const api = useApi()
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () => createSecretPattern(api, { name: draft.name.trim(), pattern: draft.pattern }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.secretPatterns }),
  })
  const trial = useQuery(secretTrialQuery(api, useSettled(draft.pattern), useSettled(draft.sample)))
  const unusable = isRefusal(trial.error, 'bad_pattern') ? trial.error.message : null
  return (
    <FormDialog
      title="Add a secret pattern"
      says="It counts from the next investigation on. What is stored already stays as it is."
      verb="Add"
      busy={create.isPending}
      missing={missingOf(draft) ?? unusable}
      failed={unusable ? null : create.error && { title: 'Not added', says: wording(create.error) }}
      onSend={() => create.mutate()}
      onClose={onClose}
    >
      <Field label="Name" hint="What it hides, for example: customer numbers.">
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={100}
            value={draft.name}
            onChange={({ target }) => set({ name: target.value })}
          />
        )}
      </Field>
      <Field
        label="Pattern"
        hint="A regular expression in RE2's syntax. With a group, only what the first group matches is hidden."
        error={unusable}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={500}
            spellCheck={false}
            autoComplete="off"
            placeholder="ACME-\d{6}"
            className="font-mono"
            value={draft.pattern}
            onChange={({ target }) => set({ pattern: target.value })}
          />
        )}
      </Field>
      <Field
        label="Try it on"
        hint="Optional, and not kept. No real secret is needed: one that looks alike will do."
      >
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={10_000}
            spellCheck={false}
            className="font-mono text-xs!"
            value={draft.sample}
            onChange={({ target }) => set({ sample: target.value })}
          />
        )}
      </Field>
      {draft.sample && draft.pattern && !unusable && (
        <Shown sample={draft.sample} shown={trial.data?.shown} failed={trial.error} />
      )}
    </FormDialog>
  )
}

function missingOf({ name, pattern }: typeof EMPTY): string | null {
  if (!name.trim()) return 'Give it a name.'
  return pattern ? null : 'Write the pattern.'
}

interface ShownProps {
  sample: string
  /** Undefined: not answered yet. */
  shown: string | undefined
  failed: Error | null
}

function Shown({ sample, shown, failed }: ShownProps) {
  if (failed) return <p className="text-xs text-red">{wording(failed)}</p>
  return (
    <div role="status" className="rounded-md bg-sunken px-3 py-2">
      <p className="label">
        {shown === undefined
          ? 'Trying…'
          : shown === sample
            ? 'It hides nothing of this'
            : 'What Nightdesk would see'}
      </p>
      {shown !== undefined && (
        <p className="mt-1 font-mono text-xs wrap-anywhere whitespace-pre-wrap">{shown}</p>
      )}
    </div>
  )
}
