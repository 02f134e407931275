// An address that leads nowhere.
import { Link } from '@tanstack/react-router'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { buttonClass } from '../ui/button'

export default function NotFoundPage() {
  useTitle('No such page')
  return (
    <>
      <PageHead title="There is no such page" says="The address may be from an older version, or mistyped." />
      <Link to="/incidents" className={buttonClass('plain', 'md')}>
        To the incidents
      </Link>
    </>
  )
}
