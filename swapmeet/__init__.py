"""Swapmeet runs hobby conventions and swap meets. `create_app` is exposed lazily so that the command line starts fast."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swapmeet.factory import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from swapmeet.factory import create_app

        return create_app
    raise AttributeError(name)
