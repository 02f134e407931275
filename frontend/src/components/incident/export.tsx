// Takes a finished incident away as a scenario, which can be replayed.
import { useMutation } from '@tanstack/react-query'
import { exportScenario } from '../../api/commands'
import { useApi } from '../../api/context'
import { wording } from '../../api/problem'
import type { IncidentDetail } from '../../api/types'
import { MenuItem } from '../../ui/menu'
import { save } from '../../ui/save'
import { useToast } from '../../ui/toast'

export function ExportItem({ incident }: { incident: IncidentDetail }) {
  const api = useApi()
  const toast = useToast()
  const download = useMutation({
    mutationFn: () => exportScenario(api, incident.id),
    onSuccess: (zip) => save(`incident-${incident.number}.zip`, zip, 'application/zip'),
    onError: (failed) => toast({ tone: 'red', text: wording(failed) }),
  })
  return <MenuItem onSelect={() => download.mutate()}>Export as scenario</MenuItem>
}
