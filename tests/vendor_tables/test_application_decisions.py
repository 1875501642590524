"""Decisions in private, sent together; two who decide at once; scores, blind, with conflicts; the list as a file."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.applications.models import Application, Decision
from swapmeet.vendor_tables.applications.queries import list_categories, list_scores, scores_of
from swapmeet.vendor_tables.applications.services.deciding import stamp_of
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests import factories
from tests.vendor_tables.applying import Applying

S = ApplicationState


def decide(applying: Applying, application_id: int, decision: str, **fields: Any) -> Any:
    row = applying.row(application_id)
    seen = {"seen": row.moves, "seen_decision": row.decision.value if row.decision else ""}
    return applying.manage(f"/{application_id}/decision", {**seen, "decision": decision, **fields})


def send(applying: Applying, *ids: int, **fields: Any) -> Any:
    stamps = [stamp_of(applying.row(application_id)) for application_id in ids]
    ends = (utcnow() + timedelta(hours=48)).strftime("%Y-%m-%dT%H:%M")
    return applying.manage("/decisions", {"stamp": stamps, "expires_at": ends, **fields})


def test_decisions_are_private_until_they_are_sent_together(applying: Applying, mail: Any) -> None:
    vic, ann, tess = applying.write(), applying.write("ann"), applying.write("tess")
    assert decide(applying, vic, "offer", tables="A02", message="Welcome!").status_code == 303
    assert decide(applying, ann, "waitlist").status_code == 303
    assert decide(applying, tess, "decline", message="So sorry.").status_code == 303
    page = applying.page()
    assert "Received" in page and "Welcome!" not in page and applying.floor.states() == {}
    assert mail.to("vic.vendor@example.org") == []
    preview = applying.managed("/decisions")
    assert "A table for you at Lakeside Fair" in preview and "So sorry." in preview and "table A02" in preview
    assert send(applying, vic, ann, tess, is_told="y").status_code == 303
    assert [applying.row(each).state for each in (vic, ann, tess)] == [S.OFFERED, S.WAITLISTED, S.DECLINED]
    assert applying.floor.states() == {"A02": "held"}
    assert len(mail.to("vic.vendor@example.org")) == len(mail.to("tess.trader@example.org")) == 1
    assert "Nothing is decided yet" in applying.managed("/decisions")


def test_sending_is_silent_unless_ticked(applying: Applying, mail: Any) -> None:
    vic = applying.write()
    decide(applying, vic, "decline")
    send(applying, vic)
    assert applying.row(vic).state is S.DECLINED and mail.to("vic.vendor@example.org") == []


def test_the_second_of_two_deciders_is_told_and_changes_nothing(applying: Applying) -> None:
    vic = applying.write()
    before = applying.row(vic).moves
    decide(applying, vic, "offer")
    answer = applying.manage(
        f"/{vic}/decision", {"seen": before, "seen_decision": "", "decision": "decline", "message": "typed"}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Somebody else has" in text and "typed" in text
    stale = {"seen": before + 1, "seen_decision": "", "decision": "decline"}
    assert applying.manage(f"/{vic}/decision", stale).status_code == 422
    assert applying.row(vic).decision is Decision.OFFER


def test_nothing_is_sent_when_something_changed_since_the_preview(applying: Applying) -> None:
    vic, ann = applying.write(), applying.write("ann")
    decide(applying, vic, "decline")
    decide(applying, ann, "decline")
    stamps = [stamp_of(applying.row(each)) for each in (vic, ann)]
    applying.post("/withdrawal", {"reason": ""}, who="ann")
    ends = (utcnow() + timedelta(hours=48)).strftime("%Y-%m-%dT%H:%M")
    answer = applying.manage("/decisions", {"stamp": stamps, "expires_at": ends})
    assert answer.status_code == 422 and "Something has changed" in answer.get_data(as_text=True)
    assert applying.row(vic).state is S.IN_REVIEW and applying.row(vic).decision is Decision.DECLINE


def test_one_table_promised_twice_stops_the_whole_sending(applying: Applying) -> None:
    vic, ann = applying.write(), applying.write("ann")
    decide(applying, vic, "offer", tables="A02")
    decide(applying, ann, "offer", tables="A02, A03")
    answer = send(applying, vic, ann)
    assert answer.status_code == 422 and "A02 was just taken" in answer.get_data(as_text=True)
    assert applying.floor.states() == {} and applying.row(vic).state is S.IN_REVIEW


@pytest.mark.parametrize("stamp", ["x", "9999999999999999999:1:offer:", "1", "²:1:offer:"])
def test_nonsense_stamps_send_nothing(applying: Applying, stamp: str) -> None:
    applying.write()
    answer = applying.manage("/decisions", {"stamp": stamp, "expires_at": "2027-01-01T10:00"})
    assert answer.status_code == 422


def test_a_quota_that_would_be_passed_is_said_before_sending(applying: Applying) -> None:
    applying.manage("/categories", {"name": "Lamps", "most_tables": "1"})
    lamps = list_categories(db.session(), event_id=applying.world.event_id)[0].id
    vic = applying.write(category_id=lamps, table_count=2)
    decide(applying, vic, "offer")
    assert "its quota is 1" in applying.managed("/decisions")


def reviewer(applying: Applying, who: str) -> None:
    with transaction() as db_session:
        factories.member(
            db_session, organizer=applying.world.organizer, person=applying.world.person(who), roles=["reviewer"]
        )


def test_reviewers_score_without_names_and_see_their_own_scores_alone(applying: Applying) -> None:
    applying.settings(is_blind=True)
    vic, own = applying.write(name="Tiny Works", sells="lamps"), applying.write("tess")
    reviewer(applying, "tess")
    page = applying.managed("/review", who="tess")
    assert f"Application {vic}" in page and "Tiny Works" not in page and f"Application {own}" not in page
    assert applying.manage(f"/review/{vic}", {"score": "8", "note": "fine work"}, who="tess").status_code == 303
    assert applying.manage(f"/review/{vic}", {"score": "4"}).status_code == 303
    assert scores_of(db.session(), event_id=applying.world.event_id)[vic].mean == 6.0
    assert "4 of 10" not in applying.managed("/review", who="tess")
    whole = applying.managed(f"/{vic}")
    assert "8 of 10" in whole and "fine work" in whole and "6.0" in applying.managed()
    client = applying.world.client("tess")
    assert client.get(f"/manage/shows/{applying.world.slug}/applications/{vic}").status_code == 403


def test_a_conflict_takes_the_score_out(applying: Applying) -> None:
    vic = applying.write()
    reviewer(applying, "tess")
    applying.manage(f"/review/{vic}", {"score": "10"}, who="tess")
    applying.manage(f"/review/{vic}", {"score": "10", "has_conflict": "y"}, who="tess")
    (score,) = list_scores(db.session(), application_id=vic)
    assert (score.score, score.has_conflict) == (None, True)
    assert scores_of(db.session(), event_id=applying.world.event_id) == {}


def test_ones_own_application_and_a_missing_score_are_refused(applying: Applying) -> None:
    own, vic = applying.write("tess"), applying.write()
    reviewer(applying, "tess")
    assert applying.manage(f"/review/{own}", {"score": "10"}, who="tess").status_code == 404
    assert "Give a score" in applying.manage(f"/review/{vic}", {"score": ""}, who="tess").get_data(as_text=True)
    assert applying.manage(f"/review/{vic}", {"score": "11"}, who="tess").status_code == 422


def test_the_list_comes_as_csv_and_for_a_spreadsheet(applying: Applying, world: Any) -> None:
    applying.write(name="=HYPERLINK(1)", sells="lamps", wishes=["A02"], near=["Ann’s Stall"])
    client = world.client("olga")
    base = f"/manage/shows/{world.slug}/applications/list"
    text = client.get(f"{base}.csv").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in text and "A02" in text and "vic.vendor@example.org" in text
    answer = client.get(f"{base}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][1] == "name" and rows[1][1] == "=HYPERLINK(1)" and sheet.cell(2, 2).data_type == "s"
    assert client.get(f"{base}.exe").status_code == 404


def test_a_decided_application_row_needs_no_mail_to_be_undecided(applying: Applying) -> None:
    vic = applying.write()
    decide(applying, vic, "offer", tables="A02")
    decide(applying, vic, "")
    row = db.session.get_one(Application, vic, populate_existing=True)
    assert row.decision is None and row.places == []
