"""A vendor applies: keeps a draft, sends it, changes what is asked for, says yes to a neighbor, takes it back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.applications import doctor
from swapmeet.vendor_tables.applications.models import Application, SellingMode, TieKind
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.models import TablePlace, VendorTerms
from tests.vendor_tables.applying import FULL, Applying

S = ApplicationState


def test_an_application_is_sent_with_its_wishes(applying: Applying, world: Any) -> None:
    assert applying.post("/form", {**FULL, "wish_1": "table a-2", "website": "www.example.org/tiny"}).status_code == 303
    row = applying.own()
    assert row is not None and row.website == "https://www.example.org/tiny"
    assert row is not None and row.state is S.SUBMITTED and row.table_count == 2 and row.power_amps == 3
    assert [(wish.rank, wish.label) for wish in row.wishes] == [(1, "A02"), (2, "Row B")]
    assert row.wishes[0].target == db.session.get_one(TablePlace, applying.floor.ids["A02"]).uid
    assert {tie.kind: tie.name for tie in row.ties} == {TieKind.NEAR: "Ann’s Stall", TieKind.AWAY: "Tess’s Stall"}
    assert row.snapshot["sent"]["prices"][0]["price_minor"] == 4500
    page = applying.page()
    assert "Received" in page and "The organizer has it." in page and "club@example.org" in page


def test_a_draft_may_have_gaps_and_is_read_by_nobody(applying: Applying) -> None:
    assert applying.post("/form", {"name": "", "sells": "lamps", "deed": "draft"}).status_code == 303
    row = applying.own()
    assert row is not None and row.state is S.DRAFT and row.sells == "lamps"
    assert "No applications yet" in applying.managed()
    assert (
        applying.world.client("olga").get(f"/manage/shows/{applying.world.slug}/applications/{row.id}").status_code
        == 404
    )


def test_what_is_missing_is_told_at_its_field_and_what_was_typed_stays(applying: Applying) -> None:
    with transaction() as db_session:
        db_session.add(VendorTerms(event_id=applying.world.event_id, text="No open fire."))
    answer = applying.post("/form", {**FULL, "name": "", "wish_1": "A02"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Write the name for your table sign." in text
    assert "Read the terms and tick this box" in text and 'value="A02"' in text and "lamps in 1:12" in text
    assert applying.own() is None


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("wish_1", "Z99", "There is no table or row “Z99” on the plan."),
        ("table_count", "0", "Write a whole number from 1 to 20."),
        ("power_amps", "1000", "Write a whole number from 0 to 400."),
        ("near", "a\nb\nc\nd", "Up to three names"),
        ("website", "ann@example.org", "Write the whole address"),
        ("website", "nonsense", "Write the whole address"),
        ("willing_until", "2020-01-01", "This day is over."),
        ("willing_until", "soon", "Write a day such as"),
        ("name", "x\x00y", "control characters"),
        ("about", "x" * 4000, "At most 3,000 characters"),
        ("type_id", "999999", "Choose one of the list."),
    ],
)
def test_bad_input_is_told_and_keeps_nothing(applying: Applying, field: str, value: str, words: str) -> None:
    answer = applying.post("/form", {**FULL, field: value})
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert applying.own() is None


def test_a_second_click_is_answered_like_the_first(applying: Applying) -> None:
    assert [applying.post("/form", FULL).status_code for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Application)) == 1
    answer = applying.post("/form", {**FULL, "key": "z" * 20, "name": "Other"})
    assert answer.status_code == 409 and "has been sent" in answer.get_data(as_text=True)


def test_a_show_that_sells_directly_takes_no_applications(applying: Applying, world: Any) -> None:
    applying.settings(mode=SellingMode.DIRECT)
    assert world.client("vic").get(f"/shows/{world.slug}/application").status_code == 404
    answer = applying.post("/form", FULL)
    assert answer.status_code == 409 and "takes no applications" in answer.get_data(as_text=True)


def test_the_window_opens_and_closes_at_the_second(applying: Applying, clock: Any) -> None:
    opens = utcnow() + timedelta(days=1)
    applying.settings(opens_at=opens, closes_at=opens + timedelta(days=10), takes_late=False)
    clock.set(opens - timedelta(seconds=1))
    answer = applying.post("/form", FULL)
    assert answer.status_code == 409 and "Applications can be sent from" in answer.get_data(as_text=True)
    assert applying.post("/form", {**FULL, "deed": "draft"}).status_code == 303
    clock.set(opens)
    assert applying.post("/form", FULL).status_code == 303
    clock.set(opens + timedelta(days=10))
    answer = applying.post("/form", FULL, who="ann")
    assert answer.status_code == 409 and "The time for applications is over." in answer.get_data(as_text=True)
    assert applying.world.client("ann").get(f"/shows/{applying.world.slug}/application/form").status_code == 303
    assert applying.own("ann") is None


def test_a_late_application_waits_and_that_is_said_before(applying: Applying, clock: Any) -> None:
    applying.settings(closes_at=utcnow() + timedelta(days=1))
    clock.advance(days=1)
    assert "goes onto the waiting list" in applying.page("vic", "/form")
    assert applying.post("/form", FULL).status_code == 303
    row = applying.own()
    assert row is not None and row.state is S.WAITLISTED and row.is_late
    assert "number 1 of 1" in applying.page()
    applying.write("ann")
    assert "number 2 of 2" in applying.page("ann")


def test_a_wish_for_a_table_that_vanished_is_shown_and_skipped(applying: Applying) -> None:
    applying.write(is_sent=False, wishes=["A02", "B03"])
    with transaction() as db_session:
        db_session.execute(delete(TablePlace).where(TablePlace.id == applying.floor.ids["A02"]))
        db_session.get_one(TablePlace, applying.floor.ids["B03"]).label = "B99"
    page = applying.page()
    assert "A02" in page and "not on the plan any more, skipped" in page and "B99" in page
    form = applying.page("vic", "/form")
    assert 'name="wish_1" value="B99"' in form.replace("\n", " ") or 'value="B99"' in form
    assert "A02 is not on the plan any more" in form


def test_asked_changes_open_the_form_until_the_second(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    until = utcnow() + timedelta(days=2)
    local = (until - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    fields = {"seen": 1, "message": "Please choose one kind of wares.", "editable_until": local}
    assert applying.manage(f"/{application_id}/changes", fields).status_code == 303
    row = applying.row(application_id)
    assert row.state is S.CHANGES_REQUESTED and row.editable_until is not None
    assert "Please choose one kind of wares." in applying.page() and "send it again by" in applying.page()
    clock.set(row.editable_until - timedelta(seconds=1))
    assert applying.post("/form", {**FULL, "name": "New Name"}).status_code == 303
    row = applying.row(application_id)
    assert (row.state, row.name, row.editable_until) == (S.SUBMITTED, "New Name", None)


def test_after_the_time_for_changes_the_form_is_closed(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    until = utcnow() + timedelta(days=2)
    local = (until - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    applying.manage(f"/{application_id}/changes", {"seen": 1, "message": "x", "editable_until": local})
    clock.set(until)
    answer = applying.post("/form", FULL)
    assert answer.status_code == 409 and "has been sent" in answer.get_data(as_text=True)


def test_near_counts_once_the_other_side_says_yes(applying: Applying) -> None:
    vic = applying.write(near=["ann’s  STALL"], away=["Tess’s Stall"])
    applying.write("ann")
    applying.write("tess")
    assert "Vic’s Stall" in applying.page("ann") and "would like to stand near you" in applying.page("ann")
    assert "Vic’s Stall" not in applying.page("tess"), "who keeps away is nobody’s business but the organizer’s"
    tie = next(tie for tie in applying.row(vic).ties if tie.kind is TieKind.NEAR)
    assert tie.other_id is not None and tie.is_agreed is None
    assert applying.post(f"/ties/{tie.id}", {"agrees": "yes"}, who="tess").status_code == 404
    assert applying.post(f"/ties/{tie.id}", {"agrees": "yes"}, who="ann").status_code == 303
    assert next(tie for tie in applying.row(vic).ties if tie.kind is TieKind.NEAR).is_agreed is True
    assert "Tess’s Stall" in applying.managed(f"/{vic}")


def test_two_who_name_each_other_agree_by_that(applying: Applying) -> None:
    vic = applying.write(near=["Ann’s Stall"])
    ann = applying.write("ann", near=["Vic’s Stall"])
    assert [applying.row(each).ties[0].is_agreed for each in (vic, ann)] == [True, True]


def test_a_vendor_takes_it_back_and_the_team_opens_it_again_in_silence(applying: Applying, mail: Any) -> None:
    application_id = applying.write()
    assert applying.post("/withdrawal", {"reason": "ill"}).status_code == 303
    assert applying.row(application_id).state is S.WITHDRAWN
    fields = {"target": "submitted", "seen": 2, "is_told": "y"}
    assert applying.manage(f"/{application_id}/steps", fields).status_code == 303
    assert applying.row(application_id).state is S.SUBMITTED
    assert mail.to("vic.vendor@example.org") == []


def test_nobody_sees_or_changes_a_foreign_application(applying: Applying, world: Any) -> None:
    application_id = applying.write(about="secret plans")
    assert "secret plans" not in applying.page("ann")
    assert applying.post("/withdrawal", {"reason": ""}, who="ann").status_code == 404
    assert "secret plans" not in applying.page(None)
    assert world.client("otto").get(f"/manage/shows/{world.slug}/applications/{application_id}").status_code == 404
    assert world.client("dora").get(f"/manage/shows/{world.slug}/applications/{application_id}").status_code == 403


def test_the_doctor_finds_a_step_that_nobody_wrote_down(applying: Applying) -> None:
    application_id = applying.write()
    assert [found for query in doctor.QUERIES for found in query.find(db.session(), utcnow())] == []
    with transaction() as db_session:
        db_session.get_one(Application, application_id).state = S.DECLINED
    assert doctor.QUERIES[0].find(db.session(), utcnow()) == [
        f"application {application_id} is declined, the log says submitted"
    ]
