"""The team reads, filters, asks, decides; nothing is sent unless ticked; two who decide at once do not cross."""

import re
from datetime import timedelta
from typing import Any

from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications.models import SellingMode, VendorStanding, WaveKind
from swapmeet.vendor_tables.applications.queries import category_uses, find_selling, list_waves
from swapmeet.vendor_tables.applications.services.selling_waves import add_wave
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests.vendor_tables.applying import Applying

S = ApplicationState


def test_the_settings_are_saved_and_shown(applying: Applying, world: Any) -> None:
    fields = {
        "mode": "waves", "offer_hours": "48", "closes_at": "2027-01-10T20:00", "intro": "Welcome, **makers**.",
        "most_photos": "3", "fee_minor": "12.50", "fee_policy": "always", "has_upgrades": "y",
    }  # fmt: skip
    assert applying.manage("/settings", fields).status_code == 303
    row = find_selling(db.session(), event_id=world.event_id)
    assert row is not None and row.mode is SellingMode.WAVES and row.offer_hours == 48
    assert (row.most_photos, row.fee_minor, row.fee_policy, row.has_upgrades) == (3, 1250, "always", True)
    assert 'value="12.50"' in applying.managed("/settings")
    assert "Welcome" in applying.page(None) and "Sell at this show" in world.client().get(
        f"/shows/{world.slug}"
    ).get_data(as_text=True)
    answer = applying.manage("/settings", {**fields, "opens_at": "2027-02-01T08:00", "offer_hours": "0"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "This is before applications begin." in text and "from 1 to 1,440" in text


def test_kinds_of_wares_have_quotas(applying: Applying, world: Any) -> None:
    assert applying.manage("/categories", {"name": "Lamps", "most_tables": "3"}).status_code == 303
    assert applying.manage("/categories", {"name": "lamps"}).status_code == 422
    lamps = category_uses(db.session(), event_id=world.event_id)[0].category.id
    assert "Choose the kind of wares" in applying.post("/form", {"deed": "send"}).get_data(as_text=True)
    applying.write(category_id=lamps, table_count=4)
    use = category_uses(db.session(), event_id=world.event_id)[0]
    assert (use.asked, use.given, use.category.most_tables) == (4, 0, 3)
    assert applying.manage(f"/categories/{lamps}/removal", {}).status_code == 303
    assert (
        "has to stay" in applying.managed("/settings") or len(category_uses(db.session(), event_id=world.event_id)) == 1
    )
    assert applying.manage("/categories", {"name": "Light", "id": lamps}).status_code == 303
    assert "Light" in applying.managed()


def test_the_next_edition_gives_its_tables_out_the_same_way(applying: Applying, world: Any) -> None:
    applying.settings(mode=SellingMode.WAVES, closes_at=utcnow(), fee_minor=500, intro="Welcome.", has_upgrades=True)
    applying.manage("/categories", {"name": "Lamps", "most_tables": "3"})
    by = Actor.command("test")
    with transaction() as db_session:
        show, now = world.show(), utcnow()
        for name, kind, code in (("Members", WaveKind.MEMBERS, ""), ("By mail", WaveKind.CODE, "spring99")):
            add_wave(
                db_session, event=show, name=name, kind=kind, opens_at=now, min_points=None, code=code, by=by, now=now
            )
        wish = CloneWish("Next year", show.first_day + timedelta(days=364))
        clone = clone_event(db_session, source=show, wish=wish, by=by, now=now)
        row = find_selling(db_session, event_id=clone.id)
        assert row is not None and row.closes_at is not None
        assert (row.mode, row.fee_minor, row.intro, row.has_upgrades) == (SellingMode.WAVES, 500, "Welcome.", True)
        assert abs(row.closes_at - now - timedelta(days=364)) <= timedelta(hours=1)
        (use,) = category_uses(db_session, event_id=clone.id)
        assert (use.category.name, use.category.most_tables) == ("Lamps", 3)
        assert [wave.name for wave in list_waves(db_session, event_id=clone.id)] == ["Members"], (
            "a code is known by now"
        )


def test_a_copy_whose_waves_all_had_codes_sells_to_nobody_before_there_are_new_ones(
    applying: Applying, world: Any
) -> None:
    applying.settings(mode=SellingMode.WAVES)
    by, more = Actor.command("test"), {"kind": WaveKind.CODE, "min_points": None, "code": "spring99"}
    with transaction() as db_session:
        show, now = world.show(), utcnow()
        add_wave(db_session, event=show, name="By mail", opens_at=now, by=by, now=now, **more)
        wish = CloneWish("Next year", show.first_day + timedelta(days=364))
        clone = clone_event(db_session, source=show, wish=wish, by=by, now=now)
        row = find_selling(db_session, event_id=clone.id)
        assert row is not None and row.mode is SellingMode.APPLICATION


def test_the_list_is_narrowed_by_words_state_and_kind(applying: Applying) -> None:
    applying.write(name="Tiny Works", sells="lamps")
    other = applying.write("ann", name="Ann’s Dolls", sells="dolls")
    applying.bring(other, S.WAITLISTED)
    assert "Tiny Works" in applying.managed() and "Ann’s Dolls" in applying.managed()
    assert "Tiny Works" not in applying.managed("?q=dolls")
    assert "Ann’s Dolls" not in applying.managed("?state=submitted")
    assert "Nothing found" in applying.managed("?q=nothing&state=nonsense&category=x")


def test_in_review_the_vendor_sees_received(applying: Applying) -> None:
    application_id = applying.write()
    applying.manage(f"/{application_id}/steps", {"target": "in_review", "seen": 1})
    assert applying.row(application_id).state is S.IN_REVIEW
    page = applying.page()
    assert "Received" in page and "In review" not in page


def test_a_step_is_silent_unless_ticked(applying: Applying, mail: Any) -> None:
    quiet, told = applying.write(), applying.write("ann")
    applying.manage(f"/{quiet}/steps", {"target": "declined", "seen": 1, "message": "Sorry."})
    fields = {"target": "waitlisted", "seen": 1, "message": "Please wait.", "is_told": "y"}
    applying.manage(f"/{told}/steps", fields)
    assert mail.to("vic.vendor@example.org") == []
    (letter,) = mail.to("ann.attendee@example.org")
    assert letter["Subject"] == "You are on the waiting list of Lakeside Fair"
    assert "Sorry." in applying.page("vic") and "Please wait." in applying.page("ann")


def test_the_second_of_two_who_decide_at_once_is_told(applying: Applying) -> None:
    application_id = applying.write()
    assert applying.manage(f"/{application_id}/steps", {"target": "declined", "seen": 1}).status_code == 303
    answer = applying.manage(f"/{application_id}/steps", {"target": "waitlisted", "seen": 1, "message": "typed words"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Somebody else has changed this application" in text and "typed words" in text
    assert applying.row(application_id).state is S.DECLINED


def test_points_and_membership_belong_to_the_club(applying: Applying, world: Any) -> None:
    application_id = applying.write()
    assert applying.manage(f"/{application_id}/standing", {"points": "40317", "is_member": "y"}).status_code == 303
    row = applying.row(application_id)
    standing = db.session.get_one(VendorStanding, (world.organizer.id, row.vendor_id))
    assert (standing.points, standing.is_member) == (40317, True)
    assert "40317" not in applying.page()


def test_the_teams_note_is_never_the_vendors(applying: Applying) -> None:
    application_id = applying.write()
    applying.manage(f"/{application_id}/note", {"staff_note": "pays late"})
    assert "pays late" in applying.managed(f"/{application_id}") and "pays late" not in applying.page()


def test_unknown_applications_and_steps_are_refused(applying: Applying) -> None:
    application_id = applying.write()
    assert applying.manage("/999999/steps", {"target": "declined", "seen": 0}).status_code == 404
    assert applying.manage(f"/{application_id}/steps", {"target": "confirmed", "seen": 1}).status_code == 422
    assert applying.manage(f"/{application_id}/steps", {"target": "departed", "seen": 1}).status_code == 422
    assert applying.row(application_id).moves == 1


def test_every_field_of_the_page_has_a_label_and_an_id_of_its_own(applying: Applying) -> None:
    application_id = applying.write()
    for page in (applying.managed(f"/{application_id}"), applying.managed("/waves"), applying.managed("/settings")):
        ids = re.findall(r' id="([^"]+)"', page)
        assert sorted({each for each in ids if ids.count(each) > 1}) == []
        assert set(re.findall(r' for="([^"]+)"', page)) <= set(ids)
