// What the keys do, and how to read the page.
import { Dialog } from '../../ui/dialog'
import { Kbd } from '../../ui/tag'

const KEYS: [string, string][] = [
  ['j k', 'next and previous row; Enter opens it'],
  ['/', 'search the incidents'],
  ['c', 'open an incident'],
  ['a r p', 'go to approve, reject or postpone; Enter presses it'],
  ['u', 'up to the list'],
  ['i w', 'incidents; what waits for approval'],
  ['?', 'this help'],
]

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Keys and conventions">
      <dl className="grid grid-cols-[5rem_1fr] gap-y-2 text-sm">
        {KEYS.map(([keys, does]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd className="text-soft">{does}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-5 text-sm text-soft">
        Text behind a <span className="ml-1 prose-margin pl-1.5!">ruled margin</span> is what the analyst
        concluded. Text on a <code className="rounded bg-sunken px-1 font-mono text-xs">sunken ground</code>{' '}
        is what a system said, word for word.
      </p>
    </Dialog>
  )
}
