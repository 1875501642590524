"""What the door answers, as a pure decision."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from swapmeet.badges.door import KINDS, BadgeFacts, Door, Outcome, decide

SATURDAY, SUNDAY = date(2027, 5, 15), date(2027, 5, 16)
DOOR = Door(1, SATURDAY, SUNDAY, datetime(2027, 5, 15, 10, 2, tzinfo=UTC))
GOOD = BadgeFacts(1, False, False, ["2027-05-15"], None, None, False)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.IN),
        ({"event_id": 2}, Outcome.OTHER_SHOW),
        ({"is_canceled": True}, Outcome.CANCELED),
        ({"is_void": True}, Outcome.VOID),
        ({"valid_days": ["2027-05-16"]}, Outcome.WRONG_DAY),
        ({"valid_days": []}, Outcome.IN),
        ({"is_in": True}, Outcome.ALREADY),
        ({"entry_from": "10:20"}, Outcome.TOO_EARLY),
        ({"entry_from": "10:02"}, Outcome.IN),
        ({"valid_days": [], "days_allowed": 1, "other_days": [SUNDAY]}, Outcome.USED_UP),
        ({"valid_days": [], "days_allowed": 2, "other_days": [SUNDAY]}, Outcome.IN),
    ],
)
def test_each_fact_has_its_answer(changes, outcome):
    assert decide(DOOR, replace(GOOD, **changes)) is outcome


def test_r_t56_canceled_is_said_before_already_in():
    assert decide(DOOR, replace(GOOD, is_canceled=True, is_in=True, is_void=True)) is Outcome.CANCELED
    assert decide(DOOR, replace(GOOD, is_void=True, is_in=True)) is Outcome.VOID


def test_another_shows_badge_tells_nothing_else():
    assert decide(DOOR, replace(GOOD, event_id=2, is_canceled=True)) is Outcome.OTHER_SHOW


def test_a_ticket_without_days_is_good_only_while_the_show_runs():
    early = replace(DOOR, local_now=datetime(2027, 5, 14, 10, tzinfo=UTC))
    assert decide(early, replace(GOOD, valid_days=[])) is Outcome.WRONG_DAY


def test_every_answer_has_a_color():
    assert set(KINDS) == set(Outcome)
    assert [outcome for outcome, kind in KINDS.items() if kind == "ok"] == [Outcome.IN]
