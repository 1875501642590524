"""PURE. What stands in the way of a session: a taken hall, a shared hall that would be too full, a busy teacher."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Slot:
    """A session as far as conflicts go. `people` is its capacity; None counts as nobody (open hours)."""

    session_id: int | None
    title: str
    starts_at: datetime
    ends_at: datetime
    hall_id: int | None
    teacher_id: int | None
    people: int | None

    def overlaps(self, other: "Slot") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def busy_teacher(wanted: Slot, others: Sequence[Slot]) -> list[Slot]:
    """Sessions of the same teacher at that time, by start."""
    if wanted.teacher_id is None:
        return []
    return _sorted(other for other in others if other.teacher_id == wanted.teacher_id and other.overlaps(wanted))


def taken_hall(wanted: Slot, others: Sequence[Slot], *, is_shared: bool, max_people: int | None) -> list[Slot]:
    """Sessions in the same hall that leave no room: any, when the hall is not shared; else those at the fullest moment,
    when the capacities together would pass `max_people` (None: no limit).
    """
    if wanted.hall_id is None:
        return []
    there = _sorted(other for other in others if other.hall_id == wanted.hall_id and other.overlaps(wanted))
    if not is_shared:
        return there
    if max_people is None:
        return []
    moments = sorted({wanted.starts_at, *(slot.starts_at for slot in there if slot.starts_at > wanted.starts_at)})
    for moment in moments:
        present = [slot for slot in there if slot.starts_at <= moment < slot.ends_at]
        if sum(slot.people or 0 for slot in present) + (wanted.people or 0) > max_people:
            return present or [wanted]
    return []


def _sorted(slots: Iterable[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.session_id or 0))
