// Does the work off the page, so that the page stays usable.
import { solve, type Challenge } from './proof'

onmessage = ({ data }: MessageEvent<Challenge>) => postMessage(solve(data))
