// What the model costs the team, and the most it may cost.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/context'
import { usageQuery } from '../api/model'
import type { Usage } from '../api/types'
import { Cap } from '../components/model/cap'
import { ESTIMATED, Months } from '../components/model/months'
import { capTone, dollars, monthAfter, monthName, tokens } from '../components/model/words'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { useTitle } from '../components/shell/title'
import { Banner } from '../ui/banner'
import { Meter } from '../ui/meter'
import { Section } from '../ui/section'
import { SkeletonLines } from '../ui/skeleton'

export default function UsagePage() {
  const asked = useQuery(usageQuery(useApi()))
  const { data } = asked
  useTitle('Model usage')
  return (
    <div className="max-w-4xl">
      <PageHead
        title="Model usage"
        says="Tokens and dollars of the team's investigations and post-mortems. What a single investigation cost stands on its incident, under What it did."
      />
      <Loading query={asked} what="usage">
        <SkeletonLines lines={8} />
      </Loading>
      {data && (
        <>
          <Standing usage={data} />
          <ThisMonth usage={data} />
          <Cap usage={data} />
          <Months months={data.earlier} />
        </>
      )}
    </div>
  )
}

/** Whether the model takes part at all just now. */
function Standing({ usage }: { usage: Usage }) {
  if (usage.model === null) {
    return (
      <Banner tone="quiet" className="mb-5" title="No model is connected">
        The rules investigate alone, at no cost.
      </Banner>
    )
  }
  if (!usage.cap_reached) return null
  return (
    <Banner
      tone="amber"
      className="mb-5"
      title={
        usage.cap_usd === 0 ? 'The model is not asked' : `The cap of ${monthName(usage.month)} is reached`
      }
    >
      {usage.cap_usd === 0
        ? 'The cap is zero: the rules investigate alone.'
        : `The rules investigate alone until ${monthAfter(usage.month)} begins (UTC), or until the cap is raised.`}
    </Banner>
  )
}

function ThisMonth({ usage }: { usage: Usage }) {
  const of = `${dollars(usage.cost_usd)} of ${dollars(usage.cap_usd)}`
  return (
    <Section
      title={monthName(usage.month)}
      aside={usage.model && <span className="font-mono">{usage.model}</span>}
    >
      <p className="mb-2 flex flex-wrap items-baseline gap-x-2">
        <span className="text-2xl font-semibold tracking-tight tabular">{dollars(usage.cost_usd)}</span>
        <span className="text-soft tabular">of {dollars(usage.cap_usd)}</span>
        {usage.estimated && <span className="label">{ESTIMATED}</span>}
      </p>
      <Meter
        label="Spent of the cap"
        value={usage.cost_usd}
        max={usage.cap_usd}
        says={of}
        tone={capTone(usage)}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
        <Figure name="Calls" value={usage.calls.toLocaleString('en-US')} />
        <Figure name="Tokens in" value={tokens(usage.tokens_in)} />
        <Figure name="Tokens out" value={tokens(usage.tokens_out)} />
        <Figure
          name="Price per million, in and out"
          value={`${dollars(usage.price_in_usd_per_million)}, ${dollars(usage.price_out_usd_per_million)}`}
        />
      </dl>
    </Section>
  )
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt className="label">{name}</dt>
    <dd className="text-base font-medium tabular">{value}</dd>
  </div>
)
