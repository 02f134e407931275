// Who: their small picture, or the first letter of their name. Always beside the name, so it says nothing aloud.
import { cx } from './cx'

interface Props {
  name: string
  url: string | null | undefined
  className?: string
}

export function Face({ name, url, className = 'size-7 text-xs' }: Props) {
  const look = cx('shrink-0 rounded-full', className)
  // Only what the profile holds itself: an address elsewhere would tell others who looks.
  if (url?.startsWith('data:image/')) return <img src={url} alt="" className={cx(look, 'object-cover')} />
  return (
    <span
      aria-hidden
      className={cx(look, 'grid place-items-center bg-hover font-medium text-soft uppercase')}
    >
      {name.trim().charAt(0) || '?'}
    </span>
  )
}
