"""Longer texts of a show: plain text with paragraphs and lists, or a little HTML; cleaned on save and again on show."""

import html
import re
from functools import lru_cache

from markupsafe import Markup

from swapmeet.web.filters import clean_rich, rich

TAG = re.compile(r"<[a-zA-Z!/?]")
BLOCK_TAG = re.compile(r"<(?:p|br|ul|ol|h3|h4|blockquote)\b", re.IGNORECASE)
BULLET = re.compile(r"^\s*[-*\u2022]\s+")


def tidy_prose(text: str) -> str:
    """The text as stored. Plain text stays as typed; anything with tags keeps only the harmless ones.

    Tags are recognized by their opening, so "3 < 4" and "R & D" are plain text.
    """
    if not TAG.search(text):
        return text
    cleaned = clean_rich(text)
    return cleaned if TAG.search(cleaned) else html.unescape(cleaned)


@lru_cache(maxsize=256)
def show_prose(text: str) -> Markup:
    """The text for a page, cleaned again. In plain text an empty line starts a paragraph, lines with a dash are a list.

    The same few texts stand on every visitor's page, so the last ones are kept.
    """
    if TAG.search(text):
        return rich(text if BLOCK_TAG.search(text) else "".join(f"<p>{block}</p>" for block in _blocks(text)))
    return Markup("").join(_plain_block(block) for block in _blocks(text))


def first_words(text: str, limit: int = 160) -> str:
    """The start of a text without its marks, cut at a word, for a page's description."""
    plain = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    if len(plain) <= limit:
        return plain
    return plain[:limit].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]


def _plain_block(block: str) -> Markup:
    lines = block.split("\n")
    if all(BULLET.match(line) for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(BULLET.sub("", line)) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(Markup("<br>").join(lines))
