// Runs a command of the team page, says when it failed, and looks at everything again.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { wording } from '../../api/problem'
import { useToast } from '../../ui/toast'

export function useRun() {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (command: () => Promise<unknown>) => command(),
    onError: (error) => toast({ tone: 'red', text: wording(error) }),
    onSettled: () => client.invalidateQueries(),
  })
}
