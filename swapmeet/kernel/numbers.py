"""Whole numbers as they come in an address or a form."""


def whole(text: str | None, digits: int) -> int | None:
    """A number from 0 in at most so many ASCII digits and nothing else; None for any other text."""
    return int(text) if text and len(text) <= digits and text.isascii() and text.isdigit() else None
