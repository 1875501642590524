"""Halls and teachers are in one place at a time; shared halls fill up."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from swapmeet.program.conflicts import Slot, busy_teacher, taken_hall


def slot(
    start: int, end: int, *, hall: int | None = 1, teacher: int | None = None, people: int | None = 10, number: int = 1
) -> Slot:
    day = datetime(2027, 5, 15, tzinfo=UTC)
    return Slot(number, f"S{number}", day.replace(hour=start), day.replace(hour=end), hall, teacher, people)


def test_a_hall_that_is_not_shared_holds_one_session() -> None:
    there = slot(10, 12)
    assert taken_hall(slot(11, 13, number=2), [there], is_shared=False, max_people=None) == [there]


def test_sessions_that_touch_do_not_overlap() -> None:
    assert taken_hall(slot(12, 13, number=2), [slot(10, 12)], is_shared=False, max_people=None) == []


def test_a_shared_hall_counts_people_at_the_fullest_moment() -> None:
    others = [slot(10, 12, number=1), slot(12, 14, number=2)]
    assert taken_hall(slot(11, 13, number=3), others, is_shared=True, max_people=20) == []
    assert taken_hall(slot(11, 13, number=3, people=11), others, is_shared=True, max_people=20) == [others[0]]


def test_a_teacher_gives_one_session_at_a_time() -> None:
    there = slot(10, 12, teacher=7, hall=1)
    assert busy_teacher(slot(11, 12, teacher=7, hall=2, number=2), [there]) == [there]
    assert busy_teacher(slot(11, 12, teacher=None, hall=2, number=2), [there]) == []


hours = st.tuples(st.integers(0, 22), st.integers(1, 10)).map(lambda p: (p[0], min(23, p[0] + p[1])))


@given(st.lists(st.tuples(hours, st.integers(1, 30)), max_size=8), hours, st.integers(1, 30), st.integers(1, 60))
def test_a_shared_hall_agrees_with_counting_every_hour(others, span, people, limit) -> None:
    slots = [slot(a, b, people=n, number=i) for i, ((a, b), n) in enumerate(others, 1) if a < b]
    wanted = slot(*span, people=people, number=99) if span[0] < span[1] else slot(0, 1, people=people, number=99)
    fullest = max(
        sum(s.people or 0 for s in slots if s.starts_at.hour <= hour < s.ends_at.hour)
        for hour in range(wanted.starts_at.hour, wanted.ends_at.hour)
    )
    refused = taken_hall(wanted, slots, is_shared=True, max_people=limit) != []
    assert refused == (fullest + people > limit)
