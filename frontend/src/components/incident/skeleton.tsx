// The incident page before its data: the same shape, so that nothing moves when it arrives.
import { Section } from '../../ui/section'
import { Skeleton, SkeletonLines } from '../../ui/skeleton'

export const IncidentSkeleton = () => (
  <div aria-label="Loading" role="status">
    <Skeleton className="h-6 w-3/5" />
    <Skeleton className="mt-2 mb-5 h-5 w-2/5" />
    <div className="grid gap-x-12 xl:grid-cols-[minmax(0,1fr)_19rem]">
      <div>
        <Section title="What is wrong">
          <SkeletonLines lines={2} className="max-w-xl prose-margin" />
        </Section>
        <Section title="What would be done">
          <Skeleton className="h-72 w-full rounded-lg" />
        </Section>
        <Section title="Why">
          <SkeletonLines lines={4} />
        </Section>
      </div>
      <div>
        <Section title="Facts">
          <SkeletonLines lines={7} />
        </Section>
        <Section title="Timeline">
          <SkeletonLines lines={6} />
        </Section>
      </div>
    </div>
  </div>
)
