"""What stands on labels and what a desk reads from them: T12-345 is thing 345 of round 12, P12-7 its trader 7. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

LABEL = re.compile(r"^([TP])0*(\d{1,12})-0*(\d{1,7})$")
NUMBER = re.compile(r"^#?\s*0*(\d{1,7})$")
TRADER = re.compile(r"^(?:trader|p)\s*#?\s*0*(\d{1,7})$")


class Scanned(StrEnum):
    THING = "thing"
    TRADER = "trader"
    OTHER_ROUND = "other_round"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned or typed. `number` is of a thing or trader; for WORDS it is 0: a badge, a proxy's code, or a name."""

    kind: Scanned
    number: int = 0


def label_of_thing(round_id: int, number: int) -> str:
    return f"T{round_id}-{number}"


def label_of_trader(round_id: int, number: int) -> str:
    return f"P{round_id}-{number}"


def read_scan(text: str, *, round_id: int) -> Scan:
    """The meaning of a label, a bare number (of a thing) or "trader 7"; everything else is words."""
    typed = " ".join(text.split())
    label = LABEL.match(typed.upper())
    if label is not None:
        if int(label[2]) != round_id:
            return Scan(Scanned.OTHER_ROUND)
        return Scan(Scanned.THING if label[1] == "T" else Scanned.TRADER, int(label[3]))
    number = NUMBER.match(typed)
    if number is not None:
        return Scan(Scanned.THING, int(number[1]))
    trader = TRADER.match(typed.casefold())
    if trader is not None:
        return Scan(Scanned.TRADER, int(trader[1]))
    return Scan(Scanned.WORDS)
