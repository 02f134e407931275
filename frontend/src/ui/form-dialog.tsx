// A dialog that is a form: fields, what went wrong, and the button that sends it.
import { useId, type ReactNode } from 'react'
import { Banner } from './banner'
import { Button } from './button'
import { Dialog } from './dialog'

interface Props {
  title: string
  says?: ReactNode
  wide?: boolean
  /** What the button does. */
  verb: string
  busy: boolean
  /** What is still missing before it can be sent. */
  missing?: string | null
  failed?: { title: string; says: string } | null
  danger?: boolean
  onSend: () => void
  onClose: () => void
  children: ReactNode
}

export function FormDialog({
  title,
  says,
  wide,
  verb,
  busy,
  missing,
  failed,
  danger,
  onSend,
  onClose,
  children,
}: Props) {
  const id = useId()
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      {...(says ? { says } : {})}
      {...(wide ? { wide } : {})}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            form={id}
            type="submit"
            busy={busy}
            refused={missing ?? null}
          >
            {verb}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!missing && !busy) onSend()
        }}
      >
        {failed && (
          <Banner tone="red" urgent title={failed.title}>
            {failed.says}
          </Banner>
        )}
        {children}
      </form>
    </Dialog>
  )
}
