// Sends one decision and makes everything that shows it look again, whatever the answer.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Api } from '../../api/client'
import { useApi } from '../../api/context'
import { keys } from '../../api/keys'
import type { Action } from '../../api/types'

export function useDecide(
  shown: Action,
  send: (api: Api) => Promise<Action>,
  onDone: () => void,
  onError?: (error: Error) => void,
) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => send(api),
    onSuccess: onDone,
    ...(onError ? { onError } : {}),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.incident(shown.incident_id) })
      void client.invalidateQueries({ queryKey: keys.inbox })
      void client.invalidateQueries({ queryKey: keys.incidents })
    },
  })
}
