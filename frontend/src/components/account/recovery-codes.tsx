// The ten recovery codes, shown once.
import { Banner } from '../../ui/banner'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'

export const RecoveryCodes = ({ codes, onClose }: { codes: string[]; onClose: () => void }) => (
  <Dialog
    open
    onClose={onClose}
    title="Write these down"
    footer={
      <>
        <CopyButton text={codes.join('\n')} label="Copy all" />
        <Button look="primary" onClick={onClose}>
          I have kept them
        </Button>
      </>
    }
  >
    <Banner tone="amber" className="mb-4" title="Shown only this once">
      Each is good for one sign-in without your phone. Keep them where your phone is not.
    </Banner>
    <ol className="grid grid-cols-2 gap-x-6 gap-y-2 rounded-md bg-sunken px-4 py-3 font-mono text-sm">
      {codes.map((code) => (
        <li key={code}>{code}</li>
      ))}
    </ol>
  </Dialog>
)
