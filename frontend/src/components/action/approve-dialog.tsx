// The last look before something runs: the facts the digest binds, frozen at the moment the dialog opened.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { approve } from '../../api/commands'
import { useApi } from '../../api/context'
import { isRefusal } from '../../api/problem'
import { factorsQuery } from '../../api/queries'
import type { Action } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/field'
import { Chip } from '../../ui/tag'
import { useToast } from '../../ui/toast'
import { CodeField, isComplete } from '../session/code-field'
import { Exact } from './exact'
import { Expiry } from './expiry'
import { Refused, isFinal } from './refused'
import { useDecide } from './use-decide'
import { RISK } from './words'

interface Props {
  shown: Action
  current: Action
  onClose: () => void
}

export function ApproveDialog({ shown, current, onClose }: Props) {
  const [comment, setComment] = useState('')
  const [code, setCode] = useState('')
  const toast = useToast()
  const first = shown.approvals_needed - shown.approvals.length > 1
  // Said beforehand, or by the refusal of a first try.
  const [asksCode, setAsksCode] = useState(shown.verbs.approve.code === 'mfa_required')
  const decide = useDecide(
    shown,
    async (api) => {
      if (asksCode) await api.auth.prove(code)
      return approve(api, shown.id, shown.digest ?? '', comment)
    },
    () => {
      toast({
        tone: 'green',
        text: first ? 'Approved. It waits for a second person.' : 'Approved. It runs once, now.',
      })
      onClose()
    },
    (error) => {
      setCode('')
      if (isRefusal(error, 'mfa_required')) setAsksCode(true)
    },
  )
  const changed = current.id !== shown.id || current.digest !== shown.digest
  const over = changed || isFinal(decide.error)
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={first ? 'Give the first of two approvals?' : 'Approve and run?'}
      says={
        first
          ? 'It runs after a second person has approved, too.'
          : 'It runs once, at once, exactly as shown here.'
      }
      footer={
        <>
          <Button size="lg" onClick={onClose}>
            {over ? 'Close' : 'Cancel'}
          </Button>
          {!over && (
            <Button
              look="primary"
              size="lg"
              busy={decide.isPending}
              refused={asksCode && !isComplete(code) ? 'Enter the code of your authenticator first.' : null}
              onClick={() => decide.mutate()}
            >
              {first ? 'Approve' : 'Approve and run'}
            </Button>
          )}
        </>
      }
    >
      <Bound action={shown} />
      <Field label="Comment" hint="Optional; it goes into the timeline." className="mt-4">
        {(control) => (
          <Input
            {...control}
            value={comment}
            maxLength={2000}
            onChange={(event) => setComment(event.target.value)}
          />
        )}
      </Field>
      {asksCode && !over && <Second code={code} setCode={setCode} />}
      {changed && !decide.error && (
        <Banner tone="amber" urgent className="mt-2" title="The proposal has changed while you were reading">
          What is shown here can no longer be approved. Close this and look again.
        </Banner>
      )}
      {decide.error && <Refused error={decide.error} />}
    </Dialog>
  )
}

interface SecondProps {
  code: string
  setCode: (code: string) => void
}

function Second({ code, setCode }: SecondProps) {
  const { data } = useQuery(factorsQuery(useApi()))
  if (data?.length === 0)
    return (
      <Banner tone="amber" urgent className="mt-2" title="Your team asks for a second factor">
        You have none yet. Set up an authenticator under{' '}
        <Link to="/security" className="text-accent underline">
          Security
        </Link>
        , then come back.
      </Banner>
    )
  return (
    <div className="mt-2">
      <CodeField
        label="Code of your authenticator"
        hint="Your team asks for it before an approval."
        value={code}
        onChange={setCode}
      />
    </div>
  )
}

const Bound = ({ action }: { action: Action }) => (
  <>
    <p className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="text-base font-semibold">{action.title}</span>
      <Chip tone={RISK[action.risk].tone}>{RISK[action.risk].label}</Chip>
      {action.expires_at && <Expiry at={action.expires_at} className="text-xs" />}
    </p>
    <Exact action={action} whole />
    <p className="mt-3 label">
      Your approval is bound to{' '}
      <code title={action.digest ?? ''} className="font-mono">
        {action.digest?.replace('sha256:', '').slice(0, 12)}
      </code>
      : this action, these parameters, this target in this state.
    </p>
  </>
)
