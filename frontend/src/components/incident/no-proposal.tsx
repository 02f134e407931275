// Doing nothing is an answer, too, and says why.
import type { Hypothesis, IncidentDetail } from '../../api/types'
import { Section } from '../../ui/section'
import { STATUS } from './words'

interface Props {
  incident: IncidentDetail
  top: Hypothesis | undefined
  /** Is there any explanation? Each of them brings its check. */
  guesses: boolean
}

export function NoProposal({ incident, top, guesses }: Props) {
  if (STATUS[incident.status].working || incident.status === 'resolved') return null
  return (
    <Section title="What would be done">
      <p className="text-sm">{why(incident, top, guesses)}</p>
    </Section>
  )
}

function why({ verdict, confidence }: IncidentDetail, top: Hypothesis | undefined, guesses: boolean): string {
  if (verdict === 'not_an_incident') return 'Nothing: there is nothing to repair. Resolve it when you agree.'
  if (verdict === 'inconclusive')
    return `Nothing is proposed: acting on a guess could make it worse.${guesses ? ' The checks above may decide it.' : ''}`
  if (confidence === 'possible')
    return `Nothing is proposed on a mere possibility. ${top?.disproof ? 'The check below may decide it.' : 'It needs your eyes.'}`
  return 'Nothing is proposed: no remedy Nightdesk may run fits this cause. It needs your hands.'
}
