// The configuration that makes a sender report to Nightdesk.

/** A receiver for alertmanager.yml. The URL carries the token, so the snippet is as secret as the token. */
export const alertmanagerSnippet = (url: string): string => `route:
  receiver: nightdesk
  group_by: [alertname, instance]
  group_wait: 5s
  group_interval: 30s
  repeat_interval: 4h

receivers:
  - name: nightdesk
    webhook_configs:
      - url: ${url}
        send_resolved: true
        max_alerts: 0
`

/** A secret URL as it can be shown: "https://host/webhooks/alertmanager/nd_3f…". */
export const absolute = (url: string, origin: string): string => new URL(url, origin).href
