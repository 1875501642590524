"""Shows are published, canceled, closed and cloned; the overview and the log tell about it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events import services
from swapmeet.events.errors import NotReady
from swapmeet.events.models import Event, EventState, Hall, PolicyKind, SalePeriod
from swapmeet.events.queries import find_event, list_halls, list_policies_in_force, list_sale_periods
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import event_canceled, event_published
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.transitions import IllegalTransition
from tests import factories
from tests.events.shows import BY, NEW, details_of, fresh, log_of
from tests.support.forms import post

NAMED: tuple[dict[str, str], ...] = ({"name": "Annex"}, {})


def test_publishing_lists_what_is_missing_and_then_works(world, monkeypatch):
    monkeypatch.setattr(registry(), "publish_checks", [*registry().publish_checks[:0], _own_check()])
    heard = []
    event_published.connect(lambda _sender, **facts: heard.append(facts["event"].slug), weak=False)
    client = world.client("olga")
    post(client, "/manage/organizers/lakeside-club/shows", {**NEW, "venue_name": "", "place": ""})
    answer = post(client, "/manage/shows/spring-swap-2027/publication")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Say where it is" in page and "Write a sentence or two" in page
    show = find_event(db.session(), "spring-swap-2027")
    data = details_of(show, venue_name="Harbour Hall", summary="Come and swap.")
    assert post(client, "/manage/shows/spring-swap-2027/details", data).status_code == 303
    assert post(client, "/manage/shows/spring-swap-2027/publication").status_code == 303
    assert world.client().get("/shows/spring-swap-2027").status_code == 200
    assert heard[-1:] == ["spring-swap-2027"]
    assert post(client, "/manage/shows/spring-swap-2027/publication").status_code == 409


def _own_check() -> Any:
    from swapmeet.events.checks import publish_problems

    return publish_problems


def test_a_show_whose_days_are_over_cannot_be_published(world, clock):
    with transaction() as db_session:
        show = factories.event(
            db_session, organizer=world.organizer, name="Late Fair", state=EventState.DRAFT, summary="x"
        )
        clock.set(datetime.combine(show.last_day + timedelta(days=2), time(12), tzinfo=UTC))
        with pytest.raises(NotReady) as caught:
            services.publish_event(db_session, event=show, by=BY, now=utcnow())
    assert "days are over" in caught.value.facts["missing"][0]


def test_canceling_walks_every_feature_tells_why_and_cannot_be_done_twice(world, monkeypatch):
    walked, heard = [], []
    monkeypatch.setattr(registry(), "cancel_steps", [lambda *arguments: walked.append(arguments[1].slug)])
    monkeypatch.setattr(
        registry(), "cancel_previews", [lambda *_: [("Orders", "12 orders"), ("Money that goes back", "$340.00")]]
    )
    event_canceled.connect(lambda _sender, **facts: heard.append(facts["event"].slug), weak=False)
    address = f"/manage/shows/{world.slug}/cancellation"
    client = world.client("olga")
    page = client.get(address).get_data(as_text=True)
    assert "12 orders" in page and "$340.00" in page
    assert post(client, address, {"reason": "", "is_sure": "y"}).status_code == 422
    assert post(client, address, {"reason": "Flood", "is_sure": ""}).status_code == 422
    assert post(client, address, {"reason": "Flood in the hall", "is_sure": "y"}).status_code == 303
    assert walked == [world.slug] and heard[-1:] == [world.slug]
    assert "Flood in the hall" in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert post(client, address, {"reason": "Again", "is_sure": "y"}).status_code == 409
    assert "event.canceled" in log_of(world.event_id)


def test_only_an_owner_cancels(world):
    with transaction() as db_session:
        factories.member(
            db_session, organizer=world.organizer, person=db_session.merge(world.person("tom")), roles=["manager"]
        )
    assert world.client("tom").get(f"/manage/shows/{world.slug}/cancellation").status_code == 403


def test_a_show_is_closed_only_after_its_last_day(world, clock):
    client = world.client("olga")
    address = f"/manage/shows/{world.slug}/completion"
    assert post(client, address).status_code == 409
    clock.set(datetime.combine(world.show().last_day + timedelta(days=2), time(12), tzinfo=UTC))
    assert post(world.client("olga"), address).status_code == 303
    fresh()
    assert world.show().state is EventState.FINISHED
    assert post(world.client("olga"), address).status_code == 409


def test_a_clone_copies_the_setup_at_the_same_times_of_day_and_walks_the_features(world, monkeypatch):
    steps = []

    class Step:
        order = 30

        @staticmethod
        def copy(_db_session: Any, source: Event, target: Event, shift_days: int, _now: Any) -> None:
            steps.append((source.slug, target.slug, shift_days))

    monkeypatch.setattr(registry(), "clone_steps", [Step])
    with transaction() as db_session:
        show = db_session.merge(world.show())
        show.tables_open_at = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)  # 9:00 in summer time
        db_session.add(
            SalePeriod(
                event_id=show.id,
                code="sat",
                label="Saturday",
                starts_at=datetime(2027, 2, 23, 14, 0, tzinfo=UTC),
                position=1,
            )
        )
    first_day = date(2027, 11, 9)
    sent = {"name": "Lakeside Fair Autumn", "first_day": first_day.isoformat()}
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/clones", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    clone = find_event(db.session(), "lakeside-fair-autumn-2027")
    shift = (first_day - date(2027, 2, 23)).days
    assert steps == [(world.slug, clone.slug, shift)]
    assert clone.state is EventState.DRAFT and clone.last_day == date(2027, 11, 10)
    assert clone.tables_open_at == datetime(2027, 7, 6, 13, 0, tzinfo=UTC)
    assert [hall.code for hall in list_halls(db.session(), event_id=clone.id)] == ["main"]
    saturday = list_sale_periods(db.session(), event_id=clone.id)[1]
    assert saturday.starts_at == datetime(2027, 11, 9, 14, 0, tzinfo=UTC)
    kinds = list_policies_in_force(db.session(), event_id=clone.id)
    assert (
        kinds[PolicyKind.ATTENDEE_REFUND].steps == factories.REFUND_STEPS
        and kinds[PolicyKind.ATTENDEE_REFUND].number == 1
    )
    assert log_of(clone.id) == ["event.cloned"]


def test_a_clone_needs_another_first_day(world):
    sent = {"name": "Same", "first_day": world.show().first_day.isoformat()}
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/clones", sent)
    assert answer.status_code == 422 and "another first day" in answer.get_data(as_text=True)


def test_the_overview_opens_on_what_waits_for_a_decision(world):
    client = world.client("olga")
    page = client.get(f"/manage/shows/{world.slug}").get_data(as_text=True)
    assert "Waiting for you" in page and "90 days to go" in page and "On sale" in page
    post(client, "/manage/organizers/lakeside-club/shows", NEW)
    draft = client.get("/manage/shows/spring-swap-2027").get_data(as_text=True)
    assert "This show is a draft" in draft
    assert world.client("otto").get(f"/manage/shows/{world.slug}").status_code == 404
    assert world.client("dora").get(f"/manage/shows/{world.slug}").status_code == 200


def test_the_log_is_filtered_and_hides_sums_from_those_who_do_not_see_money(world):
    from swapmeet.infra.audit import record

    with transaction() as db_session:
        show = db_session.merge(world.show())
        by = Actor.person(world.ids["olga"], "Olga Organizer")
        for number in range(60):
            record(
                db_session,
                now=utcnow() + timedelta(minutes=number),
                by=by,
                verb="payment.recorded",
                subject=show,
                event_id=show.id,
                amount_minor=4321,
                note=f"n{number}",
            )
        record(
            db_session,
            now=utcnow(),
            by=Actor.job("sweep"),
            verb="hall.added",
            subject=show,
            event_id=show.id,
            reason="because",
        )
        factories.member(
            db_session, organizer=world.organizer, person=db_session.merge(world.person("tom")), roles=["manager"]
        )
    address = f"/manage/shows/{world.slug}/log"
    owner = world.client("olga").get(address).get_data(as_text=True)
    assert "4321" in owner and "1–50 of 6" in owner
    assert "4321" not in world.client("tom").get(address).get_data(as_text=True)
    found = world.client("olga").get(f"{address}?q=because").get_data(as_text=True)
    assert "hall: added" in found and "payment: recorded" not in found
    assert "payment: recorded" not in world.client("olga").get(f"{address}?until=2020-01-01").get_data(as_text=True)
    assert world.client("dora").get(address).status_code == 403
    for odd in ("q=%00", "about=%00", "since=x", "until=9999-99-99", "who=" + "x" * 3000):
        assert world.client("olga").get(f"{address}?{odd}").status_code == 200, odd


def test_the_log_names_a_thing_by_its_own_name_or_else_by_its_number(world):
    from swapmeet.events.audit_words import line_of
    from swapmeet.infra.audit import AuditEntry, record

    with transaction() as db_session:
        hall = factories.hall(db_session, event=db_session.merge(world.show()), name="Annex", code="annex")
        for facts in NAMED:
            record(db_session, now=utcnow(), by=Actor.job("sweep"), verb="hall.checked", subject=hall, **facts)
        db_session.flush()
        found = select(AuditEntry).where(AuditEntry.verb == "hall.checked").order_by(AuditEntry.id)
        said = [line_of(entry, sees_money=True).about for entry in db_session.scalars(found)]
        assert said == ["Halls: Annex", f"Halls: number {hall.id}"]


def test_my_shows_lists_clubs_and_single_shows(world):
    page = world.client("olga").get("/manage").get_data(as_text=True)
    assert "Lakeside Club" in page and "Lakeside Fair" in page and "New show" in page
    assert "New show" not in world.client("dora").get("/manage").get_data(as_text=True)
    assert "You do not run a show yet" in world.client("otto").get("/manage").get_data(as_text=True)
    assert world.client().get("/manage").status_code == 303


def test_a_series_is_made_and_changed(world):
    client = world.client("olga")
    address = "/manage/organizers/lakeside-club/series"
    assert post(client, address, {"name": "The Fair", "about": ""}).status_code == 303
    assert post(client, address, {"name": "The Fair", "about": ""}).status_code == 422
    assert post(client, f"{address}/the-fair", {"name": "The Great Fair", "about": "Each year."}).status_code == 303
    assert "The Great Fair" in client.get(f"{address}/the-fair").get_data(as_text=True)
    assert client.get(f"{address}/other").status_code == 404


def test_the_state_of_a_closed_show_stands_still(world):
    with transaction() as db_session:
        show = factories.event(
            db_session, organizer=world.organizer, name="Gone Fair", state=EventState.CANCELED, canceled_at=utcnow()
        )
        for step in (services.publish_event, services.finish_event):
            with pytest.raises(IllegalTransition):
                step(db_session, event=show, by=BY, now=utcnow())
    answer = post(
        world.client("olga"), "/manage/shows/gone-fair/halls", {"name": "New", "width_mm": "40", "depth_mm": "40"}
    )
    assert answer.status_code == 422 and "nothing about it changes" in answer.get_data(as_text=True)


def test_the_database_refuses_days_out_of_order_and_two_shows_at_one_address(world):
    from sqlalchemy.exc import IntegrityError

    for changes in ({"last_day": date(2020, 1, 1)}, {"opens_from": date(2090, 1, 1)}, {"slug": world.slug}):
        with pytest.raises(IntegrityError), transaction() as db_session:
            factories.event(db_session, organizer=db_session.merge(world.organizer), name="Twin", **changes)


def test_a_hall_needs_an_area_also_in_the_database(world):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.add(Hall(event_id=world.event_id, code="x", name="x", width_mm=0, depth_mm=1, doors=[]))
