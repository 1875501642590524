"""PURE. Sale in waves: who may buy when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Wave:
    """One wave. `kind` is "everybody", "points", "members" or "code"."""

    key: int
    name: str
    kind: str
    opens_at: datetime
    min_points: int = 0


@dataclass(frozen=True)
class Buyer:
    """What the show knows of who asks. Nothing of a guest. `passes` are the waves whose code was given."""

    points: int = 0
    is_member: bool = False
    passes: frozenset[int] = frozenset()


def is_in(wave: Wave, buyer: Buyer) -> bool:
    if wave.kind == "points":
        return buyer.points >= wave.min_points
    if wave.kind == "members":
        return buyer.is_member
    return wave.kind == "everybody" or wave.key in buyer.passes


def first_chance(waves: Iterable[Wave], buyer: Buyer) -> Wave | None:
    """The earliest wave this buyer is in; of several at one time the first by key. None: never."""
    own = [wave for wave in waves if is_in(wave, buyer)]
    return min(own, key=lambda wave: (wave.opens_at, wave.key), default=None)
