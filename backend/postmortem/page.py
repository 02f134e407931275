"""The post-mortem as an HTML page: Markdown without raw HTML, sanitised, self-contained for export."""

import html

import nh3
from markdown_it import MarkdownIt

_STYLE = (
    "body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "pre{background:#f4f4f5;padding:.75rem;overflow:auto;border-radius:.4rem}code{font-size:.9em}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}pre{background:#222}a{color:#8ab4ff}}"
)


def render(body_md: str, title: str) -> str:
    """A whole document. Nothing in the text can run or load anything."""
    body = nh3.clean(
        MarkdownIt("commonmark", {"html": False}).enable("table").render(body_md),
        tags=nh3.ALLOWED_TAGS - {"img"},
        url_schemes={"http", "https", "mailto"},
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )
