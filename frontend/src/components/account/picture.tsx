// The picture in one's profile: chosen from a file, made small in the browser, kept with the profile.
import { useRef, useState } from 'react'
import { Button } from '../../ui/button'
import { Face } from '../../ui/face'

const PIXELS = 96

interface Props {
  name: string
  url: string | null
  onChange: (url: string | null) => void
}

export function Picture({ name, url, onChange }: Props) {
  const file = useRef<HTMLInputElement>(null)
  const [trouble, setTrouble] = useState('')
  const take = (chosen: File | undefined) => {
    if (!chosen) return
    setTrouble('')
    shrink(chosen)
      .then(onChange)
      .catch(() => setTrouble('This file is no picture that the browser can read.'))
  }
  return (
    <div className="flex flex-wrap items-center gap-3 py-1">
      <Face name={name} url={url} className="size-12 text-lg" />
      <Button onClick={() => file.current?.click()}>{url ? 'Change the picture' : 'Add a picture'}</Button>
      {url && <Button onClick={() => onChange(null)}>Remove it</Button>}
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        aria-label="Picture file"
        className="sr-only"
        tabIndex={-1}
        onChange={({ target }) => {
          take(target.files?.[0])
          target.value = ''
        }}
      />
      {trouble && (
        <p role="alert" className="w-full text-xs text-red">
          {trouble}
        </p>
      )}
    </div>
  )
}

/** The middle square of a picture, small, as a data URL. Rejects when it cannot be decoded. */
async function shrink(file: File): Promise<string> {
  const picture = await createImageBitmap(file)
  const side = Math.min(picture.width, picture.height)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = PIXELS
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2]
  canvas.getContext('2d')?.drawImage(picture, left, top, side, side, 0, 0, PIXELS, PIXELS)
  return canvas.toDataURL('image/jpeg', 0.85)
}
