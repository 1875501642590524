"""Icons: Lucide outlines (ISC license) in the color of the text around them."""

import json
from functools import cache, lru_cache
from importlib.resources import files

from markupsafe import Markup


@cache
def outlines() -> dict[str, str]:
    """The inner SVG of each icon by name."""
    found: dict[str, str] = json.loads(files("swapmeet").joinpath("data", "icons.json").read_text("utf-8"))
    return found


@lru_cache(maxsize=512)
def icon(name: str | None, size: int = 20) -> Markup:
    """An inline picture, hidden from screen readers: the word beside it says what it means. Nothing for an empty name.

    Raises KeyError for an unknown name.
    """
    if not name:
        return Markup("")
    return Markup(
        f'<svg class="icon" viewBox="0 0 24 24" width="{size}" height="{size}" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{outlines()[name]}</svg>"
    )
