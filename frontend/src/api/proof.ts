// Proof of work instead of a picture puzzle: ALTCHA, version 1 of its protocol (https://altcha.org/docs/v2/protocol/).
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

export interface Challenge {
  algorithm: string
  /** Hex of the hash that is looked for. */
  challenge: string
  maxnumber: number
  salt: string
  signature: string
}

/** The number whose hash, with the salt before it, is the challenge; null: there is none. */
export function solve({ challenge, maxnumber, salt }: Challenge): number | null {
  for (let number = 0; number <= maxnumber; number++) {
    if (bytesToHex(sha256(utf8ToBytes(`${salt}${number}`))) === challenge) return number
  }
  return null
}

/** What the server wants back, once. */
export const payload = ({ algorithm, challenge, salt, signature }: Challenge, number: number): string =>
  btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }))

const inWorker = (challenge: Challenge) =>
  new Promise<number | null>((resolve, reject) => {
    const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' })
    const end = (settle: () => void) => {
      worker.terminate()
      settle()
    }
    worker.onmessage = ({ data }: MessageEvent<number | null>) => end(() => resolve(data))
    worker.onerror = () => end(() => reject(new Error('The work could not be done in this browser.')))
    worker.postMessage(challenge)
  })

/** Gets a challenge of our own sign-in, does its work, and answers the token to send along. */
export async function captchaToken(url: string, key: string): Promise<string> {
  const response = await fetch(`${url}/auth/v1/captcha`, { headers: { apikey: key } })
  if (!response.ok) throw new Error('No challenge could be had.')
  const challenge = (await response.json()) as Challenge
  const number = await inWorker(challenge)
  if (number === null) throw new Error('The challenge has no solution.')
  return payload(challenge, number)
}
