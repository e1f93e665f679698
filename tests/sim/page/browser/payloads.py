"""Texts that would run in a page that takes them for markup, a template or code; wrong links."""

from __future__ import annotations

from itertools import product

RUNS = "pwned=1"
MARKUP = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg/onload={}//",
    "<iframe onload={}>",
    "<a href=javascript:{}>a</a>",
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}>",
    "<style onload={}></style>",
    "<math><mi//xlink:href='javascript:{}'>",
    "<body onpageshow={}>",
    "<ScRiPt>{}</sCrIpT>",
    "\uff1cscript\uff1e{}\uff1c/script\uff1e",
    "<img\u2028src=x\u2029onerror={}>",
    "\u202e<svg onload={}>",
    "&lt;img src=x onerror={}&gt;",
    "&#60;svg onload={}&#62;",
    "\\u003csvg onload={}\\u003e",
    "javascript:{}",
)
TEMPLATES = (
    "{{{{constructor.constructor('{}')()}}}}",
    "{{{{$root.constructor.constructor('{}')()}}}}",
    "{{{{_c.constructor('{}')()}}}}",
    "${{{}}}",
    "<b v-html={}>",
    "<b :title={}>",
    "<b @click={}>",
    "{{b|{}}}{{a}}{{c}}",
    "{{a|<img src=x onerror={}>}}",
    "%7B%7B{}%7D%7D",
)
BREAKS = ("", "'>", '">', "</p>", "</script>", "-->", "]]>", "');", "</textarea>")
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)")
BAD_LINKS = (
    "?scenario=nobody",
    "?seed=-1",
    "?seed=1&month=99999",
    "?set=labs.replication_lag:many",
    "?event={",
    "?scenario=baseline&scenario=",
    "?nonsense=1",
)
CODE = ('"""', "'''", '"; print(1); "', "\\", "#", "]", "__proto__", "constructor", "toString")


def payloads() -> list[str]:
    """Some 270 texts of a line each."""
    made = [b + text.format(RUNS) for b, text in product(BREAKS, (*MARKUP, *TEMPLATES))]
    return [*made, *FORMULAS, *CODE]


def printable(texts: list[str]) -> list[str]:
    """Those that a title may be."""
    return [text for text in texts if text.isprintable() and text.strip()]
