// An address that leads nowhere.
import { Link } from '@tanstack/react-router'
import { Empty } from '../ui/empty'

export default function NotFoundPage() {
  return (
    <Empty
      title="There is no such page"
      action={
        <Link to="/incidents" className="text-accent underline underline-offset-2">
          To the incidents
        </Link>
      }
    >
      The address may be from an older version, or mistyped.
    </Empty>
  )
}
