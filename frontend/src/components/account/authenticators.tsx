// The second factor: authenticators, and the codes that stand in for them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import { wording } from '../../api/problem'
import { factorsQuery, recoveryCodesQuery } from '../../api/queries'
import { haveRecoveryCodes, makeRecoveryCodes } from '../../api/recovery-codes'
import { Banner } from '../../ui/banner'
import { Section } from '../../ui/section'
import { SkeletonLines } from '../../ui/skeleton'
import { SureButton } from '../../ui/sure'
import { useToast } from '../../ui/toast'
import { Ago } from '../../ui/when'
import { Loading } from '../loading'
import { EnrolButton } from './enrol'
import { RecoveryCodes } from './recovery-codes'

export function Authenticators() {
  const api = useApi()
  const asked = useQuery(factorsQuery(api))
  const { data } = asked
  const client = useQueryClient()
  const toast = useToast()
  const remove = useMutation({
    mutationFn: (id: string) => api.auth.unenrol(id),
    onError: (failed) => toast({ tone: 'red', text: wording(failed) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.factors }),
  })
  return (
    <Section title="Second factor">
      <Loading query={asked} what="authenticators">
        <SkeletonLines lines={3} />
      </Loading>
      {data?.length === 0 && (
        <Banner tone="amber" className="mb-3" title="Your password alone opens this account">
          Teams can ask for a second factor before an action is approved. Set it up before you need it.
        </Banner>
      )}
      {data && (
        <>
          <ul>
            {data.map((factor) => (
              <li key={factor.id} className="flex flex-wrap items-center justify-between gap-3 border-b py-2">
                <span>
                  <span className="font-medium">{factor.name || 'Authenticator'}</span>{' '}
                  <span className="label">
                    since <Ago at={factor.createdAt} />
                  </span>
                </span>
                <SureButton
                  sure={data.length === 1 ? 'Go back to a password alone' : 'Remove it'}
                  busy={remove.isPending}
                  icon={<Trash2 aria-hidden className="size-3.5" />}
                  onSure={() => remove.mutate(factor.id)}
                >
                  Remove
                </SureButton>
              </li>
            ))}
          </ul>
          <div className="mt-3 flex flex-wrap gap-2">
            <EnrolButton count={data.length} first={data.length === 0} />
          </div>
          {data.length > 0 && haveRecoveryCodes(api) && <Codes />}
        </>
      )}
    </Section>
  )
}

function Codes() {
  const api = useApi()
  const { data } = useQuery(recoveryCodesQuery(api))
  const [made, setMade] = useState<string[] | null>(null)
  const client = useQueryClient()
  const toast = useToast()
  const make = useMutation({
    mutationFn: () => makeRecoveryCodes(api),
    onSuccess: setMade,
    onError: (failed) => toast({ tone: 'red', text: wording(failed) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.recoveryCodes }),
  })
  return (
    <div className="mt-5 flex flex-wrap items-center justify-between gap-3">
      <p>
        <span className="font-medium">Recovery codes</span>{' '}
        <span className="label">{data === undefined ? '' : `${data} of 10 left`}</span>
      </p>
      <SureButton sure="Replace the old ones" busy={make.isPending} onSure={() => make.mutate()}>
        Make new ones
      </SureButton>
      {made && <RecoveryCodes codes={made} onClose={() => setMade(null)} />}
    </div>
  )
}
