// Acting as a member of a team: the permit that this tab sends along until the visit is over. It lives as long as the tab.

const KEY = 'nightdesk.visit'

export interface Visit {
  /** The permit's id, or null: acting as oneself. */
  current: () => string | null
  begin: (id: string) => void
  forget: () => void
}

/** What concerns the person themselves or the whole installation is asked as oneself, also during a visit. */
export const asOneself = (path: string): boolean => /^\/api\/(me\/|admin\/|abuse\/|config$)/.test(path)

export function openVisit(storage: Storage): Visit {
  return {
    current: () => storage.getItem(KEY),
    begin: (id) => storage.setItem(KEY, id),
    forget: () => storage.removeItem(KEY),
  }
}
