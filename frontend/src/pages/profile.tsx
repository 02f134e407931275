// How the signed-in person is called, and how things are shown to them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changeProfile } from '../api/commands'
import { useApi } from '../api/context'
import { wording } from '../api/problem'
import { profileQuery } from '../api/queries'
import type { Profile } from '../api/types'
import { Loading } from '../components/loading'
import { PageHead } from '../components/page'
import { THEMES, useTheme, type Theme } from '../components/shell/theme'
import { useTitle } from '../components/shell/title'
import { Banner } from '../ui/banner'
import { Button } from '../ui/button'
import { Field, Input, Select } from '../ui/field'
import { Picture } from '../components/account/picture'
import { choosing, chosenZone } from '../components/account/zone'
import { SkeletonLines } from '../ui/skeleton'
import { useNow } from '../ui/now'
import { timesIn } from '../ui/time'
import { useToast } from '../ui/toast'
import { browserZone } from '../ui/zone'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const LOCALES: Record<string, string> = {
  en: 'International, 24 hours',
  'en-US': 'United States, 12 hours',
  'en-GB': 'United Kingdom',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  it: 'Italian',
  nl: 'Dutch',
  pl: 'Polish',
  'pt-BR': 'Portuguese (Brazil)',
  sv: 'Swedish',
  ja: 'Japanese',
  'zh-CN': 'Chinese',
}

const withOwn = (known: string[], own: string) => (known.includes(own) ? known : [own, ...known])

export default function ProfilePage() {
  const asked = useQuery(profileQuery(useApi()))
  const { data } = asked
  useTitle('Profile')
  return (
    <div className="max-w-xl">
      <PageHead title="Profile" says={data?.email} />
      <Loading query={asked} what="profile">
        <SkeletonLines lines={6} />
      </Loading>
      {data && <Form profile={data} />}
    </div>
  )
}

function Form({ profile }: { profile: Profile }) {
  const here = browserZone()
  const [draft, setDraft] = useState({
    name: profile.name,
    time_zone: chosenZone(profile) ?? here,
    locale: profile.locale,
    avatar_url: profile.avatar_url,
  })
  const [theme, setTheme] = useTheme()
  const api = useApi()
  const client = useQueryClient()
  const toast = useToast()
  const save = useMutation({
    mutationFn: () =>
      changeProfile(api, { ...draft, name: draft.name.trim(), preferences: choosing(profile) }),
    onSuccess: () => toast({ tone: 'green', text: 'Saved.' }),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      {save.error && (
        <Banner tone="red" urgent title="Not saved">
          {wording(save.error)}
        </Banner>
      )}
      <Field label="Name" hint="As others see it in timelines and the audit log.">
        {(control) => (
          <Input
            {...control}
            maxLength={200}
            autoComplete="name"
            value={draft.name}
            onChange={({ target }) => setDraft({ ...draft, name: target.value })}
          />
        )}
      </Field>
      <Picture
        name={draft.name || profile.email}
        url={draft.avatar_url}
        onChange={(avatar_url) => setDraft({ ...draft, avatar_url })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Time zone" hint="Of every time on these pages and in mails.">
          {(control) => (
            <Select
              {...control}
              value={draft.time_zone}
              onChange={({ target }) => setDraft({ ...draft, time_zone: target.value })}
            >
              {withOwn(ZONES, draft.time_zone).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Dates and clocks" hint={<Example zone={draft.time_zone} locale={draft.locale} />}>
          {(control) => (
            <Select
              {...control}
              value={draft.locale}
              onChange={({ target }) => setDraft({ ...draft, locale: target.value })}
            >
              {withOwn(Object.keys(LOCALES), draft.locale).map((locale) => (
                <option key={locale} value={locale}>
                  {LOCALES[locale] ?? locale}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {draft.time_zone !== here && (
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-soft sm:col-span-2">
            This browser is in {here}.
            <Button size="sm" onClick={() => setDraft({ ...draft, time_zone: here })}>
              Use that
            </Button>
          </p>
        )}
        <Field label="Appearance" hint="On this device; it counts at once.">
          {(control) => (
            <Select {...control} value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
              {(Object.keys(THEMES) as Theme[]).map((choice) => (
                <option key={choice} value={choice}>
                  {THEMES[choice]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Button type="submit" look="primary" className="self-start" busy={save.isPending}>
        Save
      </Button>
    </form>
  )
}

/** How the choice reads, before it is saved. */
function Example({ zone, locale }: { zone: string; locale: string }) {
  const now = useNow()
  const { clock, day } = timesIn(zone, locale)
  const at = new Date(now).toISOString()
  return (
    <span className="tabular">
      Now it is {day(at, now)}, {clock(at)}.
    </span>
  )
}
