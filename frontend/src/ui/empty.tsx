// Nothing here, and what that means.
import type { ReactNode } from 'react'

interface Props {
  title: string
  children?: ReactNode
  action?: ReactNode
}

export const Empty = ({ title, children, action }: Props) => (
  <div className="flex flex-col items-start gap-3 border-y py-10">
    <div className="max-w-prose">
      <p className="text-base font-medium">{title}</p>
      {children && <div className="mt-1 text-sm text-soft">{children}</div>}
    </div>
    {action}
  </div>
)
