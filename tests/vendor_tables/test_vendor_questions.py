"""The organizer asks vendors who apply questions of their own."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.questions.errors import BadQuestion, QuestionFixed
from swapmeet.questions.kinds import QuestionKind
from swapmeet.questions.models import Question, Scope
from swapmeet.questions.services import add_question, archive_question, edit_question
from swapmeet.questions.values import QuestionValues
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests.support.forgetting import forget
from tests.vendor_tables.applying import FULL, Applying

BY = Actor.person(1)
K = QuestionKind
S = ApplicationState


def ask(world: Any, label: str, kind: QuestionKind = K.TEXT, scope: Scope = Scope.VENDOR, **more: Any) -> str:
    with transaction() as db_session:
        values = QuestionValues(label, kind, scope, **more)
        return str(add_question(db_session, event=world.show(), values=values, by=BY, now=utcnow()).id)


@pytest.fixture
def asked(world: Any) -> dict[str, str]:
    """A trailer, its length if there is one, and a phone number for the day."""
    trailer = ask(world, "Do you come with a trailer?", K.YES_NO, is_required=True)
    after = {"depends_on_id": int(trailer), "depends_value": "yes"}
    return {
        "trailer": trailer,
        "length": ask(world, "How long is it?", K.NUMBER, is_required=True, **after),
        "phone": ask(world, "Whom do we call?", K.PHONE),
    }


def test_what_is_missing_is_told_at_its_field_when_it_is_sent_and_not_before(
    applying: Applying, asked: dict[str, str]
) -> None:
    assert applying.post("/form", {**FULL, "deed": "draft"}).status_code == 303
    refused = applying.post("/form", {**FULL, "name": "", f"ask-{asked['trailer']}": "yes", "sells": "lamps in 1:24"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422 and f'id="ask-{asked["length"]}-error"' in text and "lamps in 1:24" in text
    assert "Write the name for your table sign." in text, "all faults at once"
    bad = applying.post("/form", {**FULL, "deed": "draft", f"ask-{asked['phone']}": "call me"})
    assert bad.status_code == 422 and "Write a phone number" in bad.get_data(as_text=True)
    row = applying.own()
    assert row is not None and row.state is S.DRAFT and row.answers == {}


def test_answers_go_with_the_application_and_the_team_reads_them(applying: Applying, asked: dict[str, str]) -> None:
    given = {
        f"ask-{asked['trailer']}": "yes",
        f"ask-{asked['length']}": "14",
        f"ask-{asked['phone']}": "+1 202 555 0123",
    }
    assert applying.post("/form", {**FULL, **given}).status_code == 303
    row = applying.own()
    assert row is not None and row.answers == {
        asked["trailer"]: True,
        asked["length"]: 14,
        asked["phone"]: "+1 202 555 0123",
    }
    for page in (applying.page(), applying.managed(f"/{row.id}")):
        assert "How long is it?" in page and "14" in page and "+1 202 555 0123" in page
    seen = applying.managed(f"/review/{row.id}", "olga")
    assert "How long is it?" in seen and "+1 202 555 0123" in seen
    applying.settings(is_blind=True)
    blind = applying.managed(f"/review/{row.id}", "olga")
    assert "How long is it?" in blind and "555 0123" not in blind and "Whom do we call?" not in blind
    lines = applying.managed("/list.csv").splitlines()
    assert lines[0].endswith("How long is it?,Whom do we call?") and ",yes,14," in lines[1]


def test_they_are_locked_once_sent_and_open_again_when_changes_are_asked_for(
    applying: Applying, asked: dict[str, str]
) -> None:
    assert applying.post("/form", {**FULL, f"ask-{asked['trailer']}": "no"}).status_code == 303
    row = applying.own()
    assert row is not None
    again = {**FULL, f"ask-{asked['trailer']}": "yes", f"ask-{asked['length']}": "9", "key": "n" * 20}
    assert applying.post("/form", again).status_code == 409
    assert applying.row(row.id).answers == {asked["trailer"]: False}
    applying.bring(row.id, S.CHANGES_REQUESTED)
    form = applying.page(rest="/form")
    assert f'name="ask-{asked["trailer"]}"' in form and "checked" in form
    assert applying.post("/form", again).status_code == 303
    assert applying.row(row.id).answers[asked["length"]] == 9


def test_the_team_counts_the_answers_and_the_question_keeps_its_meaning(
    applying: Applying, world: Any, asked: dict[str, str]
) -> None:
    applying.post("/form", {**FULL, f"ask-{asked['trailer']}": "no"})
    tally = world.client("olga").get(f"/manage/shows/{world.slug}/questions/answers").text
    assert "Do you come with a trailer?" in tally and "1 answer" in tally
    who = world.client("olga").get(f"/manage/shows/{world.slug}/questions/{asked['trailer']}/answers").text
    assert "Tiny Works" in who and "1 answer of vendors who have applied" in who
    values = QuestionValues("Do you come by truck?", K.YES_NO, Scope.VENDOR)
    with transaction() as db_session, pytest.raises(QuestionFixed):
        question = db_session.get_one(Question, int(asked["trailer"]))
        edit_question(db_session, event=world.show(), question=question, values=values, by=BY, now=utcnow())


@pytest.mark.parametrize(
    ("more", "field"),
    [({"is_health": True, "purge_on": "last"}, "is_health"), ({"is_required": True, "needed_by_on": "last"}, "needed_by_on"),
     ({"product_ids": (1,)}, "products")],
)  # fmt: skip
def test_what_makes_no_sense_for_vendors_is_refused(world: Any, more: dict[str, Any], field: str) -> None:
    last = world.show().last_day
    values = {key: last if value == "last" else value for key, value in more.items()}
    with pytest.raises(BadQuestion) as refused:
        ask(world, "Anything?", **values)
    assert refused.value.field == field


def test_buyers_are_not_asked_what_vendors_are(world: Any, applying: Applying, asked: dict[str, str]) -> None:
    ask(world, "When do you arrive?", scope=Scope.ORDER)
    assert "When do you arrive?" not in applying.page(rest="/form")
    page = world.client("olga").get(f"/manage/shows/{world.slug}/questions").text
    assert "vendors who apply" in page and "the order" in page


def test_they_are_taken_along_with_ones_own_data_and_erased(
    applying: Applying, world: Any, asked: dict[str, str]
) -> None:
    applying.post("/form", {**FULL, f"ask-{asked['trailer']}": "no", f"ask-{asked['phone']}": "+1 202 555 0123"})
    with transaction() as db_session:
        question = db_session.get_one(Question, int(asked["phone"]))
        archive_question(db_session, event=world.show(), question=question, by=BY, now=utcnow())
    part = next(each for each in registry().personal_data if each.name == "vendor applications")
    said = json.dumps(part.export(db.session(), person_id=world.ids["vic"]))
    assert "555 0123" in said and "Do you come with a trailer?" in said, "also what is not asked any more"
    with transaction() as db_session:
        forget(db_session, world.ids["vic"])
    assert [row.answers for row in db.session.scalars(select(Application))] == [{}]
