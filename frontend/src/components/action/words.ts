// How an action's states read and look.
import type { ActionStatus, ActionVerb, Risk } from '../../api/types'
import type { Tone } from '../../ui/tone'

interface StatusWord {
  label: string
  tone: Tone
  says: string
  /** How the line that names the call begins. */
  run: string
}

export const ACTION_STATUS: Record<ActionStatus, StatusWord> = {
  drafted: {
    label: 'Being prepared',
    tone: 'accent',
    says: 'The exact change is being computed from the live state.',
    run: 'Will run',
  },
  advice: {
    label: 'Advice',
    tone: 'quiet',
    says: 'Nightdesk cannot run this here. Do it by hand if you agree.',
    run: 'Would run',
  },
  proposed: {
    label: 'Waits for approval',
    tone: 'amber',
    says: 'Nothing runs before a person approves.',
    run: 'Will run',
  },
  approved: {
    label: 'Approved',
    tone: 'accent',
    says: 'Waiting for the actions worker to start it.',
    run: 'Will run',
  },
  executing: {
    label: 'Running',
    tone: 'accent',
    says: 'It runs once. Its result appears here.',
    run: 'Runs',
  },
  succeeded: { label: 'Has run', tone: 'green', says: 'The action itself succeeded.', run: 'Ran' },
  failed: { label: 'Failed', tone: 'red', says: 'The action could not be completed.', run: 'Tried' },
  unknown: {
    label: 'Outcome unknown',
    tone: 'amber',
    says: 'The worker was interrupted. It may or may not have run; it is not repeated on its own.',
    run: 'Tried',
  },
  rejected: { label: 'Rejected', tone: 'quiet', says: 'A person decided against it.', run: 'Did not run' },
  expired: {
    label: 'Expired',
    tone: 'quiet',
    says: 'Nobody decided in time, so it can no longer be approved.',
    run: 'Did not run',
  },
  stale: {
    label: 'Out of date',
    tone: 'amber',
    says: 'The target changed after the proposal. Nothing was run.',
    run: 'Did not run',
  },
  withdrawn: {
    label: 'Withdrawn',
    tone: 'quiet',
    says: 'It was withdrawn before anybody decided: no longer needed, or replaced. Nothing was run.',
    run: 'Did not run',
  },
}

export const RISK: Record<Risk, { label: string; tone: Tone; says: string }> = {
  low: { label: 'Low risk', tone: 'quiet', says: 'Short or no interruption, easily undone.' },
  medium: { label: 'Medium risk', tone: 'amber', says: 'Interrupts the target for a moment.' },
  high: {
    label: 'High risk',
    tone: 'red',
    says: 'Hard to undo or far-reaching: two different people must approve.',
  },
}

export const ACTION_VERB: Record<ActionVerb, { label: string; hotkey: string }> = {
  approve: { label: 'Approve…', hotkey: 'a' },
  reject: { label: 'Reject…', hotkey: 'r' },
  postpone: { label: 'Postpone…', hotkey: 'p' },
}
