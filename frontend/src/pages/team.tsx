// The team: who is in it, who is invited, and what it asks for.
import { Link } from '@tanstack/react-router'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { useTitle } from '../components/shell/title'
import { Invitations } from '../components/team/invitations'
import { Members } from '../components/team/members'
import { Plan } from '../components/team/plan'
import { Leaving, TeamSettings } from '../components/team/settings'

export default function TeamPage() {
  const maySeeInvitations = useMay('invitation.read').allowed
  useTitle('Team')
  return (
    <div className="max-w-3xl">
      <PageHead
        title="Team"
        says={
          <>
            Who works here, and as what.{' '}
            <Link to="/roles" className="text-accent underline underline-offset-2">
              What each role may do
            </Link>
          </>
        }
      />
      <Members />
      {maySeeInvitations && <Invitations />}
      <TeamSettings />
      <Plan />
      <Leaving />
    </div>
  )
}
