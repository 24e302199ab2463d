"""Markdown on nbgrader's pages: a feedback page and formgrader show what students have written."""

from __future__ import annotations

import bleach
from nbconvert.filters import markdown2html

_TAGS = frozenset(
    ("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em",
     "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "span", "strong",
     "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul")
)  # fmt: skip
_ATTRIBUTES = {"*": ["class", "id", "title"], "a": ["href"], "ol": ["start"]}
_PROTOCOLS = frozenset({"http", "https", "mailto"})


def safe_html(source: str) -> str:
    """Markdown as HTML in which nothing runs, and nothing is loaded; other markup is shown as text.

    Takes the place of nbconvert's filter, for nbgrader's templates use no other, whatever
    `sanitize_html` says.
    """
    cleaned: str = bleach.clean(
        markdown2html(source), tags=_TAGS, attributes=_ATTRIBUTES, protocols=_PROTOCOLS
    )
    return cleaned
