// The post-mortem: read, edit with versions, take away as Markdown.
import { useQuery } from '@tanstack/react-query'
import { Download, Pencil } from 'lucide-react'
import { Suspense, lazy, useState } from 'react'
import { useApi } from '../../api/context'
import { postMortemQuery } from '../../api/queries'
import type { IncidentDetail, PostMortem } from '../../api/types'
import { Button } from '../../ui/button'
import { save } from '../../ui/save'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { Ago } from '../../ui/when'
import { Loading } from '../loading'
import { useMay } from '../permission'
import { PostMortemEditor } from './post-mortem-editor'
import { ANALYST } from './words'

const Document = lazy(() => import('../../ui/markdown').then(({ Document }) => ({ default: Document })))

export function PostMortemSection({ incident }: { incident: IncidentDetail }) {
  const api = useApi()
  // Of what was merged, the other one's post-mortem tells.
  const due = incident.status === 'resolved' && incident.merged_into === null
  const wanted = incident.has_post_mortem || due
  const asked = useQuery({ ...postMortemQuery(api, incident.id), enabled: wanted })
  const { data } = asked
  const [editing, setEditing] = useState<PostMortem | null>(null)
  if (!wanted) return null
  if (editing) {
    return (
      <Section title="Post-mortem" id="post-mortem">
        <PostMortemEditor base={editing} onClose={() => setEditing(null)} />
      </Section>
    )
  }
  return (
    <Section
      title="Post-mortem"
      id="post-mortem"
      aside={data && <Tools incident={incident} text={data} onEdit={() => setEditing(data)} />}
    >
      <Loading query={asked} what="post-mortem" small>
        <SkeletonLines lines={8} className="max-w-2xl" />
      </Loading>
      {data === null && <p className="text-sm text-soft">It is being written and appears here.</p>}
      {data && <Read text={data} />}
    </Section>
  )
}

const Read = ({ text }: { text: PostMortem }) => (
  <>
    <p className="mb-4 label">
      Version {text.version} by {text.analyst ? ANALYST[text.analyst].label.toLowerCase() : text.author},{' '}
      <Ago at={text.created_at} />
    </p>
    <Suspense fallback={<SkeletonLines lines={8} className="max-w-2xl" />}>
      <Document text={text.body_md} />
    </Suspense>
  </>
)

interface ToolsProps {
  incident: IncidentDetail
  text: PostMortem
  onEdit: () => void
}

function Tools({ incident, text, onEdit }: ToolsProps) {
  const { refused } = useMay('postmortem.write')
  return (
    <span className="flex gap-1">
      <Button
        look="ghost"
        size="sm"
        onClick={() => save(`post-mortem-${incident.number}.md`, text.body_md, 'text/markdown')}
      >
        <Download aria-hidden className="size-3.5" />
        .md
      </Button>
      <Button look="ghost" size="sm" refused={refused} onClick={onEdit}>
        <Pencil aria-hidden className="size-3.5" />
        Edit
      </Button>
    </span>
  )
}
