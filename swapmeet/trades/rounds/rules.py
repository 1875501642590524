"""The decisions of a round on plain values: who may do what in which phase, warnings, what a line of a file means. Pure."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.money import parse_amount
from swapmeet.trades import vocab
from swapmeet.trades.rounds.desk_models import Condition, IntakeState, RoundIntake
from swapmeet.trades.rounds.desk_queries import Change
from swapmeet.trades.rounds.hand_models import HandOverState
from swapmeet.trades.rounds.models import Phase, RoundEntry, RunKind, RunState

Row = TypeVar("Row")

ORDER = tuple(Phase)
PHASE_LABELS: dict[Phase, str] = {
    Phase.LISTING: "Things enter",
    Phase.FREEZE: "List is fixed",
    Phase.WANTS: "Choose wants",
    Phase.PREVIEW: "Result",
    Phase.DROP_OFF: "Drop-off",
    Phase.FINAL: "Final result",
    Phase.PICK_UP: "Pick-up",
    Phase.DISPUTES: "Disputes",
    Phase.CLOSED: "Closed",
}
PHASE_WORDS: dict[Phase, str] = {
    Phase.LISTING: "Put your things into the round. You can take them out again.",
    Phase.FREEZE: "The list of things is fixed while the hosts look through it. Choosing wants comes next.",
    Phase.WANTS: "Say for each of your things what you would take for it. Nobody else sees it before the result.",
    Phase.PREVIEW: "Choosing is over and nothing changes any more. The host lets the loops be found and publishes them.",
    Phase.DROP_OFF: "Bring your things to the trade desk. What is there when drop-off ends takes part in the final result.",
    Phase.FINAL: "Drop-off is over. The loops are found once more, with the things that are really there.",
    Phase.PICK_UP: "Collect what you get at the trade desk.",
    Phase.DISPUTES: "Pick-up is over. Say now if something is missing or not as described.",
    Phase.CLOSED: "This round is over.",
}
KIND_LABELS: dict[RunKind, str] = {RunKind.PREVIEW: "Result", RunKind.FINAL: "Final result"}
HAND_LABELS: dict[HandOverState, tuple[str, str]] = {
    HandOverState.WAITING: ("held", "Waits"),
    HandOverState.HANDED: ("ok", "Collected"),
    HandOverState.UNCLAIMED: ("warn", "Unclaimed"),
    HandOverState.VOID: ("taken", "Replaced"),
}
RUN_LABELS: dict[RunState, str] = {
    RunState.QUEUED: "Waits",
    RunState.RUNNING: "Runs",
    RunState.DONE: "Ready",
    RunState.FAILED: "No result",
    RunState.PUBLISHED: "Published",
}
RUN_WORDS: dict[RunState, str] = {
    RunState.QUEUED: "It waits for its turn.",
    RunState.RUNNING: "The loops are being found.",
    RunState.DONE: "The loops are found. Nobody but the hosts sees them until you publish them.",
    RunState.FAILED: "It ended without a result.",
    RunState.PUBLISHED: "The result is out. It does not change any more.",
}
LEVEL_LABELS: dict[str, str] = {
    "items": "Most things change hands",
    "cost": "Places on the lists added up: the fewer, the better liked",
    "people": "Most people trade",
    "kept": "Things that go to whom the first result said",
    "loops": "Lengths of the loops squared and added up: the fewer, the shorter",
}
LOCKED = frozenset(ORDER) - {Phase.LISTING, Phase.CLOSED}
FAR_BELOW_PERCENT = 40
MAX_WANTS = 400
MAX_LINES = 300
MAX_OFFICIAL = 5_000
PICK_LETTERS = "ABCDEFGH"
CHOOSING = ORDER[: ORDER.index(Phase.PREVIEW)]  # the phases in which a thing may be kept at home, or let in again
SOLVING: dict[Phase, RunKind] = {
    Phase.PREVIEW: RunKind.PREVIEW,
    Phase.FINAL: RunKind.FINAL,
    Phase.PICK_UP: RunKind.FINAL,  # a repair
}
RECEIVING = (
    Phase.DROP_OFF,
    Phase.FINAL,
)  # the phases in which the desk takes things in; in the second until its result is out
TAKING_OUT = (
    Phase.FREEZE,
    Phase.WANTS,
    Phase.PREVIEW,
    Phase.DROP_OFF,
)  # the phases in which a host may take a thing out


CONDITION_LABELS: dict[Condition, str] = {
    Condition.AS_DESCRIBED: "As described",
    Condition.NOT_AS_DESCRIBED: "Not as described: it takes part with your note",
    Condition.DAMAGED: "Damaged: not accepted",
}
PLACE_LABELS: dict[IntakeState, tuple[str, str]] = {
    IntakeState.EXPECTED: ("held", "Not here yet"),
    IntakeState.PRESENT: ("ok", "Here"),
    IntakeState.REFUSED: ("bad", "Not accepted"),
    IntakeState.GONE: ("mine", "Collected"),
    IntakeState.RETURNED: ("taken", "Back with its owner"),
    IntakeState.MISSING: ("bad", "Cannot be found"),
}


def where_words(intake: RoundIntake | None) -> str:
    """Why a thing that does not trade is where it is; nothing when it lies at the desk like all others."""
    state = intake.state if intake else IntakeState.EXPECTED
    if state is IntakeState.EXPECTED:
        return "It was not brought to the desk."
    if state is IntakeState.REFUSED and intake:
        return f"The desk did not accept it: {intake.note}"
    return ""


def change_words(change: Change) -> str:
    """One sentence: what an own thing brings by the final result, against the first one."""
    own = f"#{change.own.number} {change.own.title}"
    if change.is_bought:
        if change.was and change.now:
            return f"You pay another amount for {own}, because the money is for another thing now."
        return (
            f"You buy {own}, which is new."
            if change.now
            else f"You do not buy {own} any more. {where_words(change.intake)}"
        )
    was = _brings(change, change.was)
    if change.now is not None:
        now = _brings(change, change.now)
        return f"For your {own} you get {now}" + (f" instead of {was}." if was else ", which is new.")
    why = where_words(change.intake) or "Without the things that were not brought, no loop closes for it."
    return f"Your {own} stays with you, and you do not get {was}. {why}"


def _brings(change: Change, what: RoundEntry | None) -> str:
    """What an own thing brings: a thing, or money."""
    if what is None:
        return ""
    return "money" if what.id == change.own.id else f"#{what.number} {what.title}"


def next_phase(phase: Phase) -> Phase | None:
    place = ORDER.index(phase)
    return ORDER[place + 1] if place + 1 < len(ORDER) else None


def is_far_below(offered: int | None, wanted: int | None) -> bool:
    """Is what comes worth less than FAR_BELOW_PERCENT of what goes? Unknown values never warn."""
    return bool(offered) and wanted is not None and wanted * 100 < (offered or 0) * FAR_BELOW_PERCENT


def title_key(title: str) -> str:
    """Two things whose titles have the same key count as copies."""
    return " ".join(word for word in "".join(c if c.isalnum() else " " for c in title.casefold()).split())


@dataclass(frozen=True)
class Thing:
    """What an entry says. `value_minor` is a rough worth in the show's minor units."""

    title: str
    category: str
    scale: str
    condition: str
    value_minor: int | None = None


def read_lines(text: str, currency: str) -> tuple[list[Thing], list[str]]:
    """Things of a comma-separated list: title, category, scale, condition, value. Faults name their line."""
    return _read(text, MAX_LINES, 0, lambda number, cells: _thing(cells, currency))


def read_official(text: str, currency: str) -> tuple[list[tuple[int, str, Thing]], list[str]]:
    """(line, whose, thing) of an official list: badge code or mail address first, then as `read_lines`. Faults name their line."""

    def owned(number: int, cells: list[str]) -> tuple[int, str, Thing]:
        if not cells[0]:
            raise ValueError("whose it is must stand first, as badge code or mail address.")
        return number, cells[0], _thing(cells[1:], currency)

    return _read(text, MAX_OFFICIAL, 1, owned)


def _read(text: str, most: int, title: int, row_of: Callable[[int, list[str]], Row]) -> tuple[list[Row], list[str]]:
    """Rows of a comma-separated list whose titles stand in the column `title`; headings and empty lines do not count."""
    found: list[Row] = []
    faults: list[str] = []
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        return [], [f"This is not a comma-separated list: {error}."]
    if len(rows) > most:
        return [], [f"At most {most:,} lines at a time."]
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row] + [""] * (title + 5)
        if not any(cells) or (number == 1 and cells[title].casefold() == "title"):
            continue
        try:
            found.append(row_of(number, cells))
        except (ValueError, DomainError) as error:
            faults.append(f"Line {number}: {error}")
    return found, faults


def _thing(cells: list[str], currency: str) -> Thing:
    title, category, scale, condition, value = cells[:5]
    if not title or len(title) > 120:
        raise ValueError("the title must have 1 to 120 characters.")
    return Thing(
        title=title,
        category=_code("category", category or "lot", [(r.code, r.label, r.short) for r in vocab.CATEGORIES]),
        scale=_code("scale", scale or "none", [(r.code, r.label, r.short) for r in vocab.SCALES]),
        condition=_code("condition", condition or "good", [(r.code, r.label, r.label) for r in vocab.CONDITIONS]),
        value_minor=_value(value, currency),
    )


def _value(text: str, currency: str) -> int | None:
    if not text:
        return None
    amount = parse_amount(text, currency)
    if not 0 <= amount <= 10**9:
        raise ValueError(f"“{text[:20]}” is no sensible value.")
    return amount


def _code(what: str, given: str, known: Iterable[tuple[str, str, str]]) -> str:
    for code, *names in known:
        if given.casefold() in (code.casefold(), *(name.casefold() for name in names)):
            return code
    raise ValueError(f"“{given[:40]}” is no {what} of our list.")
