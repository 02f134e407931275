// Markdown as text for reading. Raw HTML is not rendered, links leave safely, images are not loaded from elsewhere.
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { isValidElement, type ComponentProps, type ReactNode } from 'react'
import { CopyButton } from './copy'

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

function textOf(children: ReactNode): string {
  const code = isValidElement<{ children?: ReactNode }>(children) ? children.props.children : children
  return typeof code === 'string' ? code.replace(/\n$/, '') : ''
}

/** What is to be typed elsewhere. Long lines scroll, also by keyboard. */
const Pre = ({ children }: ComponentProps<'pre'>) => (
  <div className="my-3 flex items-start gap-1 rounded-md bg-sunken pr-1">
    <pre tabIndex={0} className="my-0 min-w-0 flex-1">
      {children}
    </pre>
    <span className="shrink-0 pt-1.5">
      <CopyButton terse text={textOf(children)} />
    </span>
  </div>
)
/** A table of facts has no heads; an empty one would be read out as one. */
const Head = ({ children, style }: ComponentProps<'th'>) =>
  children ? (
    <th scope="col" style={style}>
      {children}
    </th>
  ) : (
    <td />
  )

const Table = ({ children }: ComponentProps<'table'>) => (
  <div className="overflow-x-auto" tabIndex={0}>
    <table>{children}</table>
  </div>
)

export const Document = ({ text }: { text: string }) => (
  <div className="document">
    <Markdown
      remarkPlugins={[remarkGfm]}
      components={{ a: Link, img: Image, pre: Pre, table: Table, th: Head }}
    >
      {text}
    </Markdown>
  </div>
)
