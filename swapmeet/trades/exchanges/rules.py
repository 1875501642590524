"""PURE. What an exchange asks of people, and words for where things stand."""

from dataclasses import dataclass
from datetime import datetime

STATE_LABELS: dict[str, tuple[str, str]] = {
    "open": ("mine", "Sign-up is open"),
    "drawn": ("ok", "Drawn: come and collect"),
    "closed": ("taken", "Over"),
    "canceled": ("bad", "Called off"),
}
PLACE_LABELS: dict[str, tuple[str, str]] = {
    "signed_up": ("held", "Not here yet"),
    "here": ("ok", "Here"),
    "collected": ("mine", "Collected"),
    "withdrawn": ("taken", "Withdrawn"),
}
PRESENT_LABELS = {"here": ("held", "To be collected"), "signed_up": ("taken", "Did not come")}


@dataclass(frozen=True)
class Terms:
    """What the host sets. `bring` pieces alike; `scale` "" is any; `min_minor` what each is worth at least."""

    title: str
    words: str = ""
    scale: str = ""
    min_minor: int | None = None
    bring: int = 1
    sign_up_ends_at: datetime | None = None


def bring_words(bring: int) -> str:
    """The rule in one sentence."""
    if bring == 1:
        return "Bring one, get one. Nobody gets their own."
    return f"Bring {bring} alike, get {bring} different ones. Nobody gets their own."


def place_label(state: str, is_drawn: bool) -> tuple[str, str]:
    """Kind and word for somebody's place; after the draw it is about collecting."""
    return PRESENT_LABELS.get(state, PLACE_LABELS[state]) if is_drawn else PLACE_LABELS[state]
