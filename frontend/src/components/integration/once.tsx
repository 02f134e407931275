// What is shown of an integration only once: its address with the token, and the configuration it goes into.
import type { CreatedIntegration } from '../../api/types'
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { Snippet } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { Moment } from '../../ui/when'
import { absolute, alertmanagerSnippet } from './snippet'

interface Props {
  made: CreatedIntegration
  title: string
  onClose: () => void
}

export function ShownOnce({ made, title, onClose }: Props) {
  const url = absolute(made.url, location.origin)
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={title}
      footer={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <Banner tone="amber" className="mb-4" title="Copy it now">
        The address holds the token and is shown only this once. Nightdesk keeps a hash.
      </Banner>
      {made.previous_valid_until && (
        <p className="mb-4 max-w-prose text-sm text-soft">
          Until <Moment at={made.previous_valid_until} className="font-medium text-ink tabular" /> the address
          before is still taken, too. Put the new one into Alertmanager and reload it before then: no alert is
          lost on the way.
        </p>
      )}
      <div className="flex flex-col gap-3">
        <Snippet label="Webhook address" text={url} wrap />
        <Snippet label="alertmanager.yml" text={alertmanagerSnippet(url)} />
      </div>
    </Dialog>
  )
}
