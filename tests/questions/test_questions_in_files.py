"""Questions of a show file: each fault is told by row, the draft asks what the file says, and once."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.services.importing import check_show, import_show
from swapmeet.events.showfile import sample_shows
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.questions import showfile
from swapmeet.questions.models import Question
from swapmeet.registration.models import TicketType

FIRST_DAY = date(2027, 5, 14)
SHOW = next(show for show in sample_shows()["shows"] if show["id"] == "iron-ferry-rail-convention")
EATS: dict[str, Any] = {"code": "eats", "label": "Do you eat with us?", "kind": "yes_no", "required": True}
DIET: dict[str, Any] = {
    "label": "What must we know?", "kind": "several_of", "options": ["No nuts", "Vegan"], "after": "eats",
    "after_answer": "yes", "health": True, "purge_days_after": 14,
}  # fmt: skip
ASKED = [
    EATS,
    DIET,
    {"label": "Which scale?", "kind": "text", "required": True, "needed_by_days_before": 10, "tickets": ["full"]},
    {"label": "How did you hear of us?", "kind": "text", "scope": "order", "help": "A word is enough."},
    {"label": "Meal card handed out?", "kind": "yes_no", "scope": "door", "after": "eats", "after_answer": "yes"},
]


def with_questions(*rows: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SHOW), "questions": list(rows)}


def test_the_draft_asks_what_the_file_says_and_once(world: Any, app: Any) -> None:
    show = with_questions(*ASKED)
    report = check_show(show, FIRST_DAY)
    assert report.problems == [] and report.counts["questions"] == 5
    assert not any(where.startswith("questions") for where, _ in report.kept)
    with transaction() as db_session:
        by = Actor.command("test")
        event = import_show(db_session, organizer=world.organizer, show=show, first_day=FIRST_DAY, by=by, now=utcnow())
        showfile.apply(db_session, event, show, utcnow())
        event_id, last_day = event.id, event.last_day
        assert event.asks_questions and event.asks_at_door
    eats, diet, scale, heard, card = db.session.scalars(
        select(Question).where(Question.event_id == event_id).order_by(Question.position)
    )
    assert (diet.depends_on_id, diet.depends_value, diet.is_health) == (eats.id, "yes", True)
    assert (diet.purge_on, diet.options) == (last_day + timedelta(days=14), ["No nuts", "Vegan"])
    assert (scale.needed_by_on, scale.is_required) == (FIRST_DAY - timedelta(days=10), True)
    full = select(TicketType.id).where(TicketType.event_id == event_id, TicketType.code == "full")
    assert scale.product_ids == [db.session.scalar(full)]
    assert (card.scope.value, card.depends_on_id) == ("door", eats.id)
    assert (heard.scope.value, heard.help) == ("order", "A word is enough.")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("no object", "as an object"),
        ({"kind": "text"}, "label: the question"),
        ({"label": "x" * 201, "kind": "text"}, "label: the question"),
        ({"label": "Q", "kind": "poem"}, "kind: one of agreement"),
        ({"label": "Q", "kind": ["text"], "scope": {}}, "kind: one of agreement"),
        ({"label": "Q", "kind": "text", "scope": "dog"}, "scope: one of door"),
        ({"label": "Q", "kind": "text", "required": "yes"}, "required: true or false"),
        ({"label": "Q", "kind": "text", "help": 7}, "help: words"),
        ({"label": "Q", "kind": "one_of"}, "exactly the questions"),
        ({"label": "Q", "kind": "one_of", "options": ["A", "A"]}, "different words"),
        ({"label": "Q", "kind": "text", "options": ["A", "B"]}, "exactly the questions"),
        ({"label": "Q", "kind": "agreement"}, "the statement that people agree to"),
        ({"label": "Q", "kind": "text", "needed_by_days_before": 3}, "only for a question that is required"),
        ({"label": "Q", "kind": "text", "health": True}, "has purge_days_after"),
        ({"label": "Q", "kind": "text", "health": True, "purge_days_after": 400}, "0 to 366"),
        ({"label": "Q", "kind": "text", "tickets": ["nope"]}, "codes of ticket_types"),
        ({"label": "Q", "kind": "text", "scope": "vendor", "tickets": ["full"]}, "vendors have none"),
        ({"label": "Q", "kind": "text", "scope": "vendor", "health": True, "purge_days_after": 1}, "not asked about health"),
        ({"label": "Q", "kind": "text", "scope": "door", "health": True, "purge_days_after": 1}, "at the door"),
        ({"label": "Q", "kind": "text", "scope": "door", "required": True, "needed_by_days_before": 1}, "at the door"),
        ({"label": "Q", "kind": "text", "after": "later", "after_answer": "yes"}, "code of an earlier question"),
        ({"label": "Q", "kind": "text", "after": "eats", "after_answer": "perhaps"}, "after_answer: one of"),
        ({"label": "Q", "kind": "text", "scope": "order", "after": "eats", "after_answer": "yes"}, "asked of the same"),
        ({"label": "Q", "kind": "text", "after": ["eats"], "after_answer": "yes"}, "code of an earlier question"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_row(app: Any, row: Any, words: str) -> None:
    found = check_show(with_questions(EATS, row), FIRST_DAY).problems
    assert any(where.startswith("questions[1]") and words in sentence for where, sentence in found), found


def test_a_list_that_is_none_or_too_long_is_told(app: Any) -> None:
    for rows in ("none", [EATS | {"code": f"q{number}"} for number in range(41)]):
        report = check_show({**copy.deepcopy(SHOW), "questions": rows}, FIRST_DAY)
        assert any(where.startswith("questions") for where, _ in report.problems)
