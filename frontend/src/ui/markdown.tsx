// Markdown as text for reading. Raw HTML is not rendered, links leave safely, images are not loaded from elsewhere.
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import type { ComponentProps } from 'react'

const Link = ({ href, children }: ComponentProps<'a'>) => (
  <a
    href={href}
    target="_blank"
    rel="noreferrer noopener"
    className="text-accent underline underline-offset-2"
  >
    {children}
  </a>
)
const Image = ({ alt }: ComponentProps<'img'>) => <span className="text-faint">[image: {alt}]</span>
/** Long lines scroll, also by keyboard. */
const Pre = ({ children }: ComponentProps<'pre'>) => <pre tabIndex={0}>{children}</pre>
const Table = ({ children }: ComponentProps<'table'>) => (
  <div className="overflow-x-auto" tabIndex={0}>
    <table>{children}</table>
  </div>
)

export const Document = ({ text }: { text: string }) => (
  <div className="document">
    <Markdown remarkPlugins={[remarkGfm]} components={{ a: Link, img: Image, pre: Pre, table: Table }}>
      {text}
    </Markdown>
  </div>
)
