// The three decisions. On a phone they stay under the thumb; on a desk they end the proposal.
import { useState } from 'react'
import type { Action, ActionVerb } from '../../api/types'
import { Button } from '../../ui/button'
import { docked } from '../../ui/docked'
import { Kbd } from '../../ui/tag'
import { useMay } from '../permission'
import { ApproveDialog } from './approve-dialog'
import { Expiry } from './expiry'
import { PostponeDialog } from './postpone-dialog'
import { RejectDialog } from './reject-dialog'
import { ACTION_VERB, RISK } from './words'

interface Open {
  verb: ActionVerb
  /** The proposal as it was when the dialog opened: what is decided is what was read. */
  shown: Action
}

export function Decision({ action }: { action: Action }) {
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  const ask = (verb: ActionVerb) => setOpen({ verb, shown: action })
  return (
    <div
      ref={docked}
      className="fixed inset-x-0 bottom-0 z-30 border-t bg-surface px-4 pt-2 pb-[calc(0.625rem+env(safe-area-inset-bottom))] md:static md:z-auto md:border-0 md:bg-transparent md:p-0"
    >
      <p className="mb-2 flex justify-between text-xs md:hidden">
        <span className="text-soft">{RISK[action.risk].label}</span>
        {action.expires_at && <Expiry at={action.expires_at} />}
      </p>
      <div className="grid grid-cols-[1fr_auto_auto] gap-2 md:flex md:items-center">
        <Choice verb="approve" action={action} onAsk={ask} />
        <Choice verb="reject" action={action} onAsk={ask} />
        <Choice verb="postpone" action={action} onAsk={ask} />
      </div>
      <Refusals action={action} />
      {open?.verb === 'approve' && <ApproveDialog shown={open.shown} current={action} onClose={close} />}
      {open?.verb === 'reject' && <RejectDialog shown={open.shown} onClose={close} />}
      {open?.verb === 'postpone' && <PostponeDialog shown={open.shown} onClose={close} />}
    </div>
  )
}

interface ChoiceProps {
  verb: ActionVerb
  action: Action
  onAsk: (verb: ActionVerb) => void
}

function Choice({ verb, action, onAsk }: ChoiceProps) {
  const { label, hotkey } = ACTION_VERB[verb]
  const { allowed, reason, code } = action.verbs[verb]
  const may = useMay('action.decide')
  const possible = allowed || code === 'mfa_required'
  return (
    <Button
      look={verb === 'approve' ? 'primary' : 'plain'}
      size="lg"
      data-hotkey={hotkey}
      aria-keyshortcuts={hotkey}
      refused={possible ? may.refused : (reason ?? 'Not possible now.')}
      onClick={() => onAsk(verb)}
    >
      {label}
      {verb !== 'approve' && (
        <span aria-hidden>
          <Kbd>{hotkey}</Kbd>
        </span>
      )}
      {verb === 'approve' && (
        <kbd
          aria-hidden
          className="hidden h-5 min-w-5 place-items-center rounded border border-on-accent/40 px-1 font-sans text-2xs md:inline-grid pointer-coarse:hidden"
        >
          a
        </kbd>
      )}
    </Button>
  )
}

/** A tool tip cannot be read on a phone, so the reason also stands below. */
function Refusals({ action }: { action: Action }) {
  const reasons = new Set(
    Object.values(action.verbs).flatMap(({ allowed, code, reason }) =>
      allowed || code === 'mfa_required' ? [] : [reason],
    ),
  )
  return [...reasons].map((reason) => (
    <p key={reason} className="mt-1.5 text-xs text-faint">
      {reason}
    </p>
  ))
}
