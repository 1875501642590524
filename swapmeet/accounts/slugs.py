"""PURE. Addresses of clubs: short words of a name, readable aloud."""

import re
import unicodedata

MAX_SLUG = 60
RESERVED = frozenset({"new"})


def slug_of(name: str) -> str:
    """Lower-case words joined by dashes, accents dropped; "club" for a name without any Latin letter or digit."""
    plain = (
        unicodedata.normalize("NFKD", name.replace("'", "").replace("\u2019", "")).encode("ascii", "ignore").decode()
    )
    slug = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:MAX_SLUG].strip("-")
    return "club" if not slug or slug in RESERVED else slug


def free_slug(slug: str, taken: frozenset[str]) -> str:
    """The slug, or the slug with the first number that is free."""
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
