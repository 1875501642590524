"""What migrations are compared on."""

from typing import Any


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Full-text tables belong to the search code: autogenerate must not drop them."""
    return not (kind in ("table", "index") and name is not None and "_fts" in name)
