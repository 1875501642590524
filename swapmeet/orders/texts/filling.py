"""PURE. Placeholders of mail texts: a fixed list, put in once and never looked through again."""

import re
from collections.abc import Mapping

PLACEHOLDERS: dict[str, str] = {
    "name": "the buyer's name",
    "order": "the code of the order",
    "show": "the name of the show",
    "days": "the days of the show",
    "place": "where the show is",
    "total": "what the order costs",
    "owed": "what is to be paid now",
    "due": "until when; empty where nothing is due",
    "how to pay": "the show's words on how to pay",
    "organizer": "who runs the show",
    "link": "the address of the order's page",
}
BRACED = re.compile(r"\{([^{}\n]{0,60})\}")


def unknown_in(text: str) -> list[str]:
    """What stands in braces and is no placeholder, each once, in the order of the text."""
    return list(dict.fromkeys(name for name in BRACED.findall(text) if name.strip() not in PLACEHOLDERS))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder's value; braces in a value stay what they are."""
    return BRACED.sub(lambda match: values.get(match[1].strip(), match[0]), text)
