// Closing the installation for changes, with words for everybody, and opening it again.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { maintenanceQuery, setMaintenance } from '../api/admin'
import { useApi } from '../api/context'
import { keys } from '../api/keys'
import { wording } from '../api/problem'
import type { Maintenance } from '../api/types'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useMay } from '../components/permission'
import { StandingBanner } from '../components/shell/notices'
import { useTitle } from '../components/shell/title'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { Field, Textarea } from '../ui/field'
import { Section } from '../ui/section'
import { SkeletonLines } from '../ui/skeleton'
import { SureButton } from '../ui/sure'
import { Dot } from '../ui/tag'
import { useToast } from '../ui/toast'
import { Ago } from '../ui/when'

export default function AdminMaintenancePage() {
  const asked = useQuery(maintenanceQuery(useApi()))
  const { data } = asked
  useTitle('Maintenance')
  return (
    <div className="max-w-3xl">
      <PageHead
        title="Maintenance"
        says="While it is on, everything can be read and nothing changed. Alerts are taken, monitors go on, what was approved is finished."
      />
      <Loading query={asked} what="maintenance switch">
        <SkeletonLines lines={5} />
      </Loading>
      {data && <Form key={`${data.on} ${data.notice}`} known={data} />}
    </div>
  )
}

function Form({ known }: { known: Maintenance }) {
  const [notice, setNotice] = useState(known.notice)
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  const may = useMay('platform.maintenance')
  const set = useMutation({
    mutationFn: (on: boolean) => setMaintenance(api, on, notice.trim()),
    onSuccess: ({ on }) =>
      toast(on ? { tone: 'amber', text: 'Closed for changes.' } : { tone: 'green', text: 'Open again.' }),
    onSettled: () =>
      Promise.all([keys.maintenance, keys.config].map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
  return (
    <>
      <p className="mb-4">
        <Dot tone={known.on ? 'amber' : 'green'} className="font-medium">
          {known.on ? 'Closed for changes' : 'Open'}
        </Dot>
        {known.on && known.since && (
          <span className="ml-3 label">
            since <Ago at={known.since} />
            {known.by && `, by ${known.by}`}
          </span>
        )}
      </p>
      {set.error && (
        <Banner tone="red" urgent className="mb-4" title="Nothing was changed">
          {wording(set.error)}
        </Banner>
      )}
      <Field label="Notice" hint="What is being done, and until when. Everybody reads it on every page.">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            maxLength={500}
            placeholder="The database moves to new disks. We are back by 04:30 UTC."
            value={notice}
            onChange={({ target }) => setNotice(target.value)}
          />
        )}
      </Field>
      <div className="mt-3 mb-6 flex flex-wrap gap-2">
        {known.on ? (
          <>
            <Button
              look="primary"
              refused={may.refused}
              busy={set.isPending}
              onClick={() => set.mutate(false)}
            >
              Open again
            </Button>
            <Button
              refused={may.refused ?? (notice.trim() === known.notice ? 'The notice is the same.' : null)}
              onClick={() => set.mutate(true)}
            >
              Change the notice
            </Button>
          </>
        ) : (
          <SureButton
            size="md"
            sure="Nobody can change anything until you open it again"
            refused={may.refused}
            busy={set.isPending}
            onSure={() => set.mutate(true)}
          >
            Close for changes
          </SureButton>
        )}
      </div>
      <Section title="What everybody sees">
        <StandingBanner
          standing={{ why: 'maintenance', notice: notice.trim(), refused: 'Not possible now.' }}
        />
      </Section>
    </>
  )
}
