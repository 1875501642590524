"""PURE. Addresses of shows: short words of a name, readable aloud."""

import re
import unicodedata

MAX_SLUG = 60
SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slug_of(text: str, *, fallback: str = "show") -> str:
    """Lower-case words joined by dashes, accents dropped; `fallback` for a name without any Latin letter or digit."""
    plain = (
        unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", "")).encode("ascii", "ignore").decode()
    )
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = "-".join(words)[:MAX_SLUG].strip("-")
    return slug or fallback


def propose_slug(name: str, year: int) -> str:
    """The name with the year of the first day, unless the name has it already."""
    slug = slug_of(name)
    if str(year) in slug.split("-"):
        return slug
    return f"{slug[: MAX_SLUG - 5].strip('-')}-{year}"


def numbered(slug: str, number: int) -> str:
    """The slug for the second and later shows that would have the same one."""
    tail = f"-{number}"
    return slug[: MAX_SLUG + 10 - len(tail)].rstrip("-") + tail


def is_slug(text: str) -> bool:
    return len(text) <= MAX_SLUG + 10 and SHAPE.fullmatch(text) is not None
