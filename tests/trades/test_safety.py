"""Reports, blocks, hiding, and the team's pages."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.models import Block, Report
from tests import factories
from tests.support.forms import post
from tests.trades.stall import agreed_trade, list_thing, offer_of, offer_state


def _manage(world: Any) -> str:
    return f"/manage/shows/{world.slug}/trades"


def _reports() -> list[Report]:
    db.session.rollback()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


@pytest.fixture
def reported(world: Any) -> int:
    """Tom's wagon, reported by Tess."""
    wagon = list_thing(world, "tom", title="Hay wagon")
    data = {"reason": "banned", "note": "The tusks look like ivory."}
    assert post(world.client("tess"), f"/trades/{wagon}/report", data).status_code == 303
    return wagon


def test_a_listing_is_reported_once_and_waits_for_the_team(world: Any, reported: int) -> None:
    post(world.client("tess"), f"/trades/{reported}/report", {"reason": "rude"})
    assert len(_reports()) == 1
    page = world.client("olga").get(_manage(world)).text
    assert "Hay wagon" in page and "The tusks look like ivory." in page and "Tess T." in page


def test_a_report_needs_a_reason(world: Any) -> None:
    wagon = list_thing(world, "tom", title="Hay wagon")
    answer = post(world.client("tess"), f"/trades/{wagon}/report", {"note": "Kept words"})
    assert answer.status_code == 422 and "Kept words" in answer.text and "Choose one." in answer.text
    own = post(world.client("tom"), f"/trades/{wagon}/report", {"reason": "rude"})
    assert own.status_code == 422 and _reports() == []


def test_a_hidden_listing_is_seen_by_its_owner_alone_who_reads_why(world: Any, reported: int, mail: Any) -> None:
    post(world.client("olga"), f"{_manage(world)}/listings/{reported}/hiding", {"reason": "Ivory is not allowed."})
    assert world.client().get(f"/trades/{reported}").status_code == 404
    assert world.client("tess").get(f"/trades/{reported}").status_code == 404
    assert "Ivory is not allowed." in world.client("tom").get(f"/trades/{reported}").text
    assert "Hay wagon" not in world.client().get(f"/shows/{world.slug}/trades").text
    assert _reports()[0].state == "upheld"
    sent = mail.to("tom.trader@example.org")
    assert len(sent) == 1 and "Ivory is not allowed." in mail.text(sent[0])
    again = post(world.client("tom"), f"/trades/{reported}/publication", follow_redirects=True)
    assert world.client().get(f"/trades/{reported}").status_code == 404 and again.status_code == 200
    post(world.client("olga"), f"{_manage(world)}/listings/{reported}/showing")
    assert world.client().get(f"/trades/{reported}").status_code == 200


def test_hiding_needs_a_reason(world: Any, reported: int) -> None:
    page = post(world.client("olga"), f"{_manage(world)}/listings/{reported}/hiding", follow_redirects=True).text
    assert "Say why" in page and world.client().get(f"/trades/{reported}").status_code == 200


def test_a_report_without_cause_is_closed(world: Any, reported: int) -> None:
    url = f"{_manage(world)}/reports/{_reports()[0].id}/dismissal"
    olga = world.client("olga")
    assert post(olga, url).status_code == 303 and _reports()[0].state == "dismissed"
    assert "is already dismissed" in post(olga, url, follow_redirects=True).text
    assert world.client().get(f"/trades/{reported}").status_code == 200
    assert "Closed, nothing wrong" in olga.get(_manage(world) + "?show=closed").text


def test_a_person_is_reported_from_an_offer_and_the_team_says_what_it_did(world: Any) -> None:
    offer_id, _, _ = agreed_trade(world)
    post(
        world.client("tess"), f"/me/trades/offers/{offer_id}/report", {"reason": "scam", "note": "He wants cash first."}
    )
    olga = world.client("olga")
    assert "About Tom Trader" in olga.get(_manage(world)).text
    url = f"{_manage(world)}/reports/{_reports()[0].id}/decision"
    assert "Say what you did" in post(olga, url, follow_redirects=True).text
    post(olga, url, {"reason": "Spoke with him."})
    assert _reports()[0].state == "upheld" and _reports()[0].answer == "Spoke with him."


@pytest.mark.parametrize(("who", "status"), [(None, 303), ("otto", 404), ("dora", 403), ("trudy", 403)])
def test_only_moderators_see_reports(world: Any, reported: int, who: str | None, status: int) -> None:
    client = world.client(who)
    report_id = _reports()[0].id
    assert client.get(_manage(world)).status_code == status
    for step in (f"reports/{report_id}/dismissal", f"reports/{report_id}/decision", f"listings/{reported}/hiding"):
        assert post(client, f"{_manage(world)}/{step}", {"reason": "x"}).status_code == status
    assert client.get(f"{_manage(world)}/settings").status_code == status
    assert _reports()[0].state == "open"


def test_another_shows_reports_and_listings_are_not_there(world: Any, reported: int) -> None:
    with transaction() as db_session:
        factories.event(db_session, organizer=world.organizer, name="Hillside Fair")
    olga, report_id = world.client("olga"), _reports()[0].id
    for step in (f"reports/{report_id}/dismissal", f"listings/{reported}/hiding", f"listings/{reported}/showing"):
        assert post(olga, f"/manage/shows/hillside-fair/trades/{step}", {"reason": "x"}).status_code == 404
    assert "Hay wagon" not in olga.get("/manage/shows/hillside-fair/trades").text


def test_blocked_people_neither_offer_nor_write_nor_see_each_others_things(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    tess, tom = world.client("tess"), world.client("tom")
    assert post(tom, f"/me/trades/offers/{offer_id}/block").status_code == 303
    assert "Tess T." in tom.get("/me/trades/blocks").text and "Tess T." not in tess.get("/me/trades/blocks").text
    for client in (tess, tom):
        sent = post(client, f"/me/trades/offers/{offer_id}/messages", {"body": "Hello?"})
        assert sent.status_code == 409 and "cannot write to each other" in sent.text
        assert 'name="body"' not in client.get(f"/me/trades/offers/{offer_id}").text
    bed = list_thing(world, "tess", title="Brass bed")
    made = post(tess, f"/trades/{wagon}/offer", {"give": bed, "take": wagon, "key": "k"})
    assert made.status_code == 409 and "cannot make offers to each other" in made.text
    assert "Make an offer" not in tess.get(f"/trades/{wagon}").text
    assert "Hay wagon" not in tess.get(f"/shows/{world.slug}/trades").text
    assert "Walnut" not in tom.get(f"/shows/{world.slug}/trades").text
    accepted = post(tom, f"/me/trades/offers/{offer_id}/acceptance", {"seen": f"{chairs}:1,{wagon}:1"})
    assert accepted.status_code == 409 and offer_state(offer_id) == "open"


def test_a_block_is_undone_by_the_one_who_set_it(world: Any) -> None:
    wagon = list_thing(world, "tom", title="Hay wagon")
    tess = world.client("tess")
    post(tess, f"/trades/{wagon}/block")
    post(tess, f"/trades/{wagon}/block")
    db.session.rollback()
    block = db.session.scalars(select(Block)).one()
    assert post(world.client("tom"), f"/me/trades/blocks/{block.id}/removal").status_code == 404
    assert post(tess, f"/me/trades/blocks/{block.id}/removal").status_code == 303
    assert "You have blocked nobody" in tess.get("/me/trades/blocks").text
    assert "Make an offer" in tess.get(f"/trades/{wagon}").text


def test_what_the_team_does_is_written_down(world: Any, reported: int) -> None:
    post(world.client("olga"), f"{_manage(world)}/listings/{reported}/hiding", {"reason": "Ivory"})
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "listing.hidden")).one()
    assert (entry.actor_person_id, entry.reason, entry.event_id) == (world.ids["olga"], "Ivory", world.event_id)


def test_r_t15_markup_in_names_and_titles_is_text_on_the_teams_pages(world: Any) -> None:
    wagon = list_thing(world, "tom", title="<b onmouseover=alert(1)>x</b>")
    post(world.client("tess"), f"/trades/{wagon}/report", {"reason": "rude", "note": "<script>alert(2)</script>"})
    page = world.client("olga").get(_manage(world)).text
    assert "<b onmouseover" not in page and "<script>alert(2)" not in page
    assert "&lt;b onmouseover" in page and "&lt;script&gt;alert(2)" in page


def test_the_team_sets_how_trades_run(world: Any) -> None:
    olga, url = world.client("olga"), f"{_manage(world)}/settings"
    bad = {
        "trades_enabled": "y",
        "trades_open_at": "2026-12-02T10:00",
        "trades_close_at": "2026-12-01T10:00",
        "max_live_listings": "0",
        "hold_hours": "1e9",
        "desk_text": "Kept words",
    }
    answer = post(olga, url, bad)
    assert answer.status_code == 422 and "Kept words" in answer.text and "from 1 to 500" in answer.text
    wrong_way = post(olga, url, {**bad, "max_live_listings": "5", "hold_hours": "24"})
    assert wrong_way.status_code == 422 and "before listings open" in wrong_way.text
    good = {**bad, "trades_close_at": "2026-12-20T10:00", "max_live_listings": "5", "hold_hours": "24"}
    assert post(olga, url, good).status_code == 303
    page = olga.get(url).text
    assert 'value="2026-12-02T10:00"' in page and 'value="5"' in page and "Kept words" in page
    assert "Trades open soon" in world.client().get(f"/shows/{world.slug}/trades").text
    assert post(olga, url, {**good, "trades_enabled": ""}).status_code == 303
    assert "No trades at this show" in world.client().get(f"/shows/{world.slug}/trades").text
