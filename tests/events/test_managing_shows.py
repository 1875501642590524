"""Creating, changing, publishing, canceling, closing and cloning shows."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events import services
from swapmeet.events.errors import FrozenOncePublished, NotReady, StillInUse
from swapmeet.events.models import Event, EventSeries, EventState, Hall, Policy, PolicyKind, SalePeriod
from swapmeet.events.queries import find_event, list_halls, list_policies_in_force, list_sale_periods
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import event_canceled, event_published
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.transitions import IllegalTransition
from tests import factories
from tests.support.forms import post

BY = Actor.command("test")
NEW = {
    "name": "Spring Swap",
    "kind": "swap meet",
    "first_day": "2027-04-10",
    "last_day": "",
    "venue_name": "Harbour Hall",
    "place": "Lakeside",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "locale": "en-US",
    "slug": "",
}


def details_of(event: Event, **changes: Any) -> dict[str, Any]:
    """The edit form as a browser sends it back untouched."""
    from swapmeet.events.forms import show_form
    from swapmeet.events.queries import list_series

    with db.session.get_bind().connect(), _request():
        form = show_form(event, list_series(db.session(), organizer_id=event.organizer_id), zone_name=event.time_zone)
        sent = {}
        for field in form:
            if field.type == "BooleanField":
                if field.data:
                    sent[field.name] = "y"
            elif field.type in ("ChoiceField", "RadioField"):
                sent[field.name] = "" if field.data is None else getattr(field.data, "value", field.data)
            elif field.type != "CSRFTokenField":
                sent[field.name] = field._value()
    return {**sent, **changes}


def _request() -> Any:
    from flask import current_app

    return current_app.test_request_context()


def fresh() -> None:
    """Let go of what was read: other sessions have written since."""
    db.session.rollback()
    db.session.expire_all()


def log_of(event_id: int) -> list[str]:
    return list(
        db.session.scalars(select(AuditEntry.verb).where(AuditEntry.event_id == event_id).order_by(AuditEntry.id))
    )


def test_a_new_show_is_a_draft_with_the_settings_of_its_kind(world):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", NEW)
    assert (answer.status_code, answer.location) == (303, "/manage/shows/spring-swap-2027")
    show = find_event(db.session(), "spring-swap-2027")
    assert show.state is EventState.DRAFT and show.vendor_word == "Seller"
    assert (show.first_day, show.last_day) == (date(2027, 4, 10), date(2027, 4, 10))
    assert [period.code for period in list_sale_periods(db.session(), event_id=show.id)] == ["whole"]
    assert set(list_policies_in_force(db.session(), event_id=show.id)) == {
        PolicyKind.ATTENDEE_REFUND,
        PolicyKind.VENDOR_REFUND,
    }
    assert log_of(show.id) == ["event.created"]


def test_two_shows_of_one_name_get_two_addresses(world):
    client = world.client("olga")
    first, second = (post(client, "/manage/organizers/lakeside-club/shows", NEW).location for _ in range(2))
    assert (first, second) == ("/manage/shows/spring-swap-2027", "/manage/shows/spring-swap-2027-2")


def test_a_taken_address_is_told_at_its_field_and_what_was_typed_stays(world):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", {**NEW, "slug": world.slug})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Another show has this address" in page and 'value="Spring Swap"' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Give the show a name."),
        ("name", "x" * 201, "At most 200 characters."),
        ("name", "a\0b", "control characters"),
        ("kind", "rave", "Choose one of the list."),
        ("first_day", "", "Choose a day."),
        ("first_day", "tomorrow", "Write a day such as 2027-05-15."),
        ("first_day", "1066-10-14", "Write a year from 2000 to 2100."),
        ("last_day", "2027-04-01", "The last day cannot be before the first."),
        ("last_day", "2028-04-01", "60 days at most"),
        ("time_zone", "Mars/Olympus", "Choose one of the list."),
        ("currency", "XXQ", "Choose one of the list."),
        ("slug", "Über uns!", "small letters"),
        ("place", "\u202e" + "y" * 121, "At most 120 characters."),
        ("venue_name", "z" * 1_000_00, "At most 200 characters."),
    ],
)
def test_a_wrong_field_is_told_in_words_and_nothing_is_created(world, field, value, words):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", {**NEW, field: value})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert db.session.scalar(select(Event.id).where(Event.name != "Lakeside Fair")) is None


def test_only_the_team_creates_shows(world):
    for who, status in (("otto", 404), ("dora", 403), ("trudy", 403)):
        assert post(world.client(who), "/manage/organizers/lakeside-club/shows", NEW).status_code == status, who
    assert post(world.client("olga"), "/manage/organizers/nobody/shows", NEW).status_code == 404


def test_saving_changed_details_moves_the_version_and_writes_the_log(world):
    show = world.show()
    version = show.version
    data = details_of(show, name="Lakeside Grand Fair", place="Lakeside-on-Sea")
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/details", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    fresh()
    show = world.show()
    assert show.name == "Lakeside Grand Fair" and show.version == version + 1
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.verb == "event.changed"))
    assert entry.facts["before"]["name"] == "Lakeside Fair" and entry.facts["after"]["name"] == "Lakeside Grand Fair"
    assert "Grand" in world.client().get("/?q=grand+sea").get_data(as_text=True)


def test_saving_untouched_details_changes_nothing(world):
    show = world.show()
    version = show.version
    assert post(world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(show)).status_code == 303
    fresh()
    assert world.show().version == version and "event.changed" not in log_of(world.event_id)


def test_zone_and_currency_are_frozen_once_published(world):
    for field, value in (("time_zone", "Europe/London"), ("currency", "GBP")):
        answer = post(
            world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(world.show(), **{field: value})
        )
        assert answer.status_code == 422 and "cannot change after publishing" in answer.get_data(as_text=True)
    with pytest.raises(FrozenOncePublished), transaction() as db_session:
        services.update_event(
            db_session, event=db_session.merge(world.show()), changes={"currency": "EUR"}, by=BY, now=utcnow()
        )


def test_r_t05_a_manager_of_one_show_cannot_reach_for_others_through_a_series(world):
    """Nothing but the show's own details page puts it into a series, and only into a series of its organizer."""
    with transaction() as db_session:
        foreign_club = factories.organizer(db_session, "Foreign Club")
        foreign = factories.event(
            db_session, organizer=foreign_club, name="Foreign Secret Fair", state=EventState.DRAFT
        )
        other = factories.event(db_session, organizer=world.organizer, name="Other Secret Fair", state=EventState.DRAFT)
        series = EventSeries(
            organizer_id=foreign_club.id, slug="foreign", name="Foreign Secret Series", created_at=utcnow()
        )
        own = EventSeries(organizer_id=world.organizer.id, slug="own", name="Own Series", created_at=utcnow())
        db_session.add_all([series, own])
        person = db_session.merge(world.person("tess"))
        factories.member(
            db_session,
            organizer=world.organizer,
            person=person,
            roles=["manager"],
            event=db_session.merge(world.show()),
        )
        db_session.flush()
        series_id, own_id, slugs = series.id, own.id, (foreign.slug, other.slug)
    client = world.client("tess")
    for slug in slugs:
        for address in ("", "/details", "/clones/new"):
            answer = client.get(f"/manage/shows/{slug}{address}")
            assert answer.status_code == 404 and "Secret" not in answer.get_data(as_text=True)
        assert post(client, f"/manage/shows/{slug}/details", {"series_id": own_id, "name": "Mine"}).status_code == 404
    assert client.get("/manage/organizers/lakeside-club/series/own").status_code == 404
    answer = post(client, f"/manage/shows/{world.slug}/details", details_of(world.show(), series_id=series_id))
    assert answer.status_code == 422 and "Secret" not in answer.get_data(as_text=True)
    assert (
        post(client, f"/manage/shows/{world.slug}/details", details_of(world.show(), series_id=own_id)).status_code
        == 303
    )
    answer = post(client, f"/manage/shows/{world.slug}/clones", {"name": "Sneaky", "first_day": "2028-02-22"})
    assert answer.status_code == 403


HOSTILE = [
    "<script>alert(1)</script><b>bold</b>",
    '<img src=x onerror="alert(1)"><p onclick="x()">words</p>',
    '<a href="javascript:alert(1)">link</a>',
    '<a href="JaVaScRiPt&#58;alert(1)">link</a>',
    "<svg><style><img src=x onerror=alert(1)></style></svg><p>x</p>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<iframe src=//evil.example></iframe><noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_r_t14_rich_text_is_cleaned_on_save_and_again_on_show(world, hostile):
    client = world.client("olga")
    assert (
        post(
            client, f"/manage/shows/{world.slug}/details", details_of(world.show(), about=hostile, summary=hostile)
        ).status_code
        == 303
    )
    assert (
        post(client, f"/manage/shows/{world.slug}/news", {"title": hostile[:150], "body": hostile}).status_code == 303
    )
    terms = {"text": hostile}
    assert post(client, f"/manage/shows/{world.slug}/policies/terms", terms).status_code == 303
    fresh()
    show = world.show()
    assert all(word not in show.about for word in ("<script", "<img", "<svg", "<iframe", "javascript:"))
    live = live_nodes(world.client().get(f"/shows/{world.slug}").get_data(as_text=True))
    assert live == []
    with transaction() as db_session:
        db_session.merge(show).about = hostile  # as if it came into the database another way
    assert live_nodes(world.client().get(f"/shows/{world.slug}").get_data(as_text=True)) == []


def live_nodes(page: str) -> list[str]:
    """What a browser would run: scripts other than the page's own files, handlers, javascript links, foreign frames."""
    from html.parser import HTMLParser

    found: list[str] = []

    class Finder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            known = dict(attrs)
            if tag == "script" and not (known.get("src") or "").startswith("/static/"):
                found.append("script")
            if tag in ("iframe", "object", "embed", "math"):
                found.append(tag)
            found.extend(f"{tag} {name}" for name in known if name.startswith("on"))
            if "javascript:" in (known.get("href") or "").lower():
                found.append("javascript link")
            if tag == "img" and (known.get("src") or "") == "x":
                found.append("img")

    Finder().feed(page)
    return found


def test_plain_text_keeps_its_signs_and_gets_paragraphs_and_lists(world):
    about = "R & D for 3 < 4 people\nnext line\n\n- one\n- two"
    assert (
        post(
            world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(world.show(), about=about)
        ).status_code
        == 303
    )
    fresh()
    assert world.show().about == about
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "<p>R &amp; D for 3 &lt; 4 people<br>next line</p>" in page and "<ul><li>one</li><li>two</li></ul>" in page


def test_halls_are_measured_in_the_shows_unit_and_saving_changes_nothing(world):
    client = world.client("olga")
    address = f"/manage/shows/{world.slug}/halls"
    assert post(client, address, {"name": "Annexe", "width_mm": "72.5", "depth_mm": "40"}).status_code == 303
    hall = next(hall for hall in list_halls(db.session(), event_id=world.event_id) if hall.name == "Annexe")
    assert (hall.width_mm, hall.depth_mm) == (round(72.5 * 304.8), round(40 * 304.8))
    old = next(hall for hall in list_halls(db.session(), event_id=world.event_id) if hall.name == "Main hall")
    page = client.get(f"{address}/{old.id}").get_data(as_text=True)
    assert 'value="98.43"' in page
    sent = {"name": "Main hall", "width_mm": "98.43", "depth_mm": "65.62", "max_people": "300"}
    assert post(client, f"{address}/{old.id}", sent).status_code == 303
    fresh()
    assert (old.width_mm, old.depth_mm) == (30000, 20000)
    for wrong in ("-3", "1e9", "x", "0", "99999999", "１２", "1" * 500):
        answer = post(client, address, {"name": "Odd", "width_mm": wrong, "depth_mm": "40"})
        assert answer.status_code == 422 and f'value="{wrong[:12]}' in answer.get_data(as_text=True), wrong


def test_a_hall_in_use_stays_and_a_hall_of_another_show_is_not_there(world):
    client = world.client("olga")
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        foreign = factories.hall(db_session, event=other)
        foreign_id = foreign.id
    hall = list_halls(db.session(), event_id=world.event_id)[0]
    assert client.get(f"/manage/shows/{world.slug}/halls/{foreign_id}").status_code == 404
    assert post(client, f"/manage/shows/{world.slug}/halls/{foreign_id}/removal").status_code == 404
    assert post(client, f"/manage/shows/{world.slug}/halls/{hall.id}/removal").status_code == 303
    fresh()
    assert list_halls(db.session(), event_id=world.event_id) == []


def test_the_last_sale_period_stays(world):
    with transaction() as db_session:
        show = db_session.merge(world.show())
        period = list_sale_periods(db_session, event_id=show.id)[0]
        with pytest.raises(StillInUse):
            services.remove_sale_period(db_session, event=show, period=period, by=BY, now=utcnow())


def test_a_saved_policy_is_a_new_version_and_the_old_one_stays(world):
    client = world.client("olga")
    before = list_policies_in_force(db.session(), event_id=world.event_id)[PolicyKind.ATTENDEE_REFUND]
    sent = {
        "steps-0-until_days_before": "30", "steps-0-refund_percent": "100", "steps-0-fee_minor": "2.50", "steps-0-only_if": "",
        "steps-1-until_days_before": "", "steps-1-refund_percent": "", "steps-1-fee_minor": "", "steps-1-only_if": "",
        "text": "Paid as received.",
    }  # fmt: skip
    address = f"/manage/shows/{world.slug}/policies/attendee_refund"
    assert post(client, address, sent).status_code == 303
    assert post(client, address, sent).status_code == 303
    fresh()
    versions = db.session.scalars(
        select(Policy)
        .where(Policy.event_id == world.event_id, Policy.kind == PolicyKind.ATTENDEE_REFUND)
        .order_by(Policy.number)
    ).all()
    assert [policy.number for policy in versions] == [1, 2]
    assert versions[0].id == before.id and versions[0].steps == factories.REFUND_STEPS
    assert versions[1].steps == [{"until_days_before": 30, "refund_percent": 100, "fee_minor": 250}]


def test_a_half_filled_refund_step_is_told_at_its_field(world):
    address = f"/manage/shows/{world.slug}/policies/vendor_refund"
    for sent, words in (
        ({"steps-0-until_days_before": "30", "steps-0-refund_percent": ""}, "Write how many percent go back."),
        ({"steps-0-until_days_before": "", "steps-0-refund_percent": "50"}, "Write until when"),
        ({"steps-0-until_days_before": "9", "steps-0-refund_percent": "101"}, "from 0 to 100"),
        (
            {"steps-0-until_days_before": "9", "steps-0-refund_percent": "50", "steps-0-fee_minor": "abc"},
            "Write an amount",
        ),
    ):
        answer = post(world.client("olga"), address, sent)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), sent
    assert world.client("olga").get(f"/manage/shows/{world.slug}/policies/nothing").status_code == 404


def test_news_can_be_changed_and_taken_off(world):
    client = world.client("olga")
    address = f"/manage/shows/{world.slug}/news"
    assert post(client, address, {"title": "Bus", "body": "Every hour."}).status_code == 303
    from swapmeet.events.queries import list_announcements

    item = list_announcements(db.session(), event_id=world.event_id)[0]
    assert post(client, f"{address}/{item.id}", {"title": "Bus", "body": "Every half hour."}).status_code == 303
    assert "Every half hour." in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert post(client, f"{address}/{item.id}/removal").status_code == 303
    assert "Every half hour." not in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert post(client, address, {"title": "", "body": ""}).status_code == 422


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
