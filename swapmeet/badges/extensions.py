"""What badges brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.infra.registry import Registry

BLUEPRINTS: list[Blueprint] = []


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
