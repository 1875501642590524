"""Importing show files: the ten samples, twice, damaged, through the page and from the command line."""

import copy
import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.events import services
from swapmeet.events.errors import ImportedBefore, ShowFileDamaged, ShowFileFaulty
from swapmeet.events.models import Event, EventState, PolicyKind
from swapmeet.events.queries import list_halls, list_policies_in_force, list_sale_periods
from swapmeet.events.showfile import choose_show, digest_of, read_file, sample_shows, weekday_warning
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import Base, db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from tests.support.forms import token_of

SAMPLES = {show["id"]: show for show in sample_shows()["shows"]}
BY = Actor.command("test")
FRIDAY = date(2027, 6, 11)


def import_sample(world: Any, name: str, first_day: date = FRIDAY, **changes: Any) -> str:
    with transaction() as db_session:
        organizer = db_session.merge(world.organizer)
        show = {**copy.deepcopy(SAMPLES[name]), **changes}
        return services.import_show(
            db_session, organizer=organizer, show=show, first_day=first_day, by=BY, now=utcnow()
        ).slug


def event_of(slug: str) -> Event:
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalar(select(Event).where(Event.slug == slug))
    assert found is not None
    return found


def row_counts() -> dict[str, int]:
    db.session.rollback()
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name not in ("stored_file", "sign_in_session")
    }


def test_there_are_ten_sample_shows_and_the_file_says_what_it_is():
    data = sample_shows()
    assert len(data["shows"]) == 10 and data["schema_version"] == 1 and data["title"] and data["origin"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_show_has_nothing_to_complain_about(app, name):
    report = services.check_show(SAMPLES[name])
    assert report.problems == []
    assert report.counts["halls"] == len(SAMPLES[name]["venue"]["halls"])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_show_imports_and_can_be_published(world, name):
    show = SAMPLES[name]
    slug = import_sample(world, name)
    event = event_of(slug)
    assert (
        event.state is EventState.DRAFT and event.currency == show["currency"] and event.time_zone == show["timezone"]
    )
    assert (event.opens_from - FRIDAY).days == min(show["days"]) and (event.last_day - FRIDAY).days == max(show["days"])
    assert len(list_halls(db.session(), event_id=event.id)) == len(show["venue"]["halls"])
    assert event.summary and event.about and event.access_text
    assert services.list_missing(db.session(), event) == []
    with transaction() as db_session:
        services.publish_event(db_session, event=db_session.merge(event), by=BY, now=utcnow())
    page = world.client().get(f"/shows/{slug}")
    assert page.status_code == 200 and show["venue"]["name"] in page.get_data(as_text=True)


def test_halls_periods_and_policies_come_as_the_file_says(world):
    event = event_of(import_sample(world, "shieldwall-weekend"))
    dealers = list_halls(db.session(), event_id=event.id)[0]
    assert (dealers.code, dealers.width_mm, dealers.depth_mm, dealers.max_people) == ("dealers", 45720, 33528, 1400)
    assert {door["side"] for door in dealers.doors} <= set("NESW") and all(
        door["width_mm"] > 0 for door in dealers.doors
    )
    periods = list_sale_periods(db.session(), event_id=event.id)
    assert [period.code for period in periods] == ["whole", "FM1", "FM2", "FM3", "FM4", "FM5", "FM6", "FM7"]
    assert periods[1].starts_at.isoformat() == "2027-06-11T19:00:00+00:00"  # 15:00 in New York, summer time
    policies = list_policies_in_force(db.session(), event_id=event.id)
    assert policies[PolicyKind.ATTENDEE_REFUND].steps[0] == {
        "until_days_before": 45,
        "refund_percent": 100,
        "fee_minor": 500,
    }
    assert "Photos" in policies[PolicyKind.TERMS].text
    assert event.hold_minutes == 20 and event.hold_max_minutes >= 45
    assert "game_tables" in event.kept and "volunteer_shifts" in event.kept


def test_what_is_not_used_yet_is_named_and_kept(world):
    report = services.check_show(SAMPLES["thimble-creek-houseparty"])
    kept = dict(report.kept)
    assert "meals" not in kept and "raffle" in kept and "not used yet" in kept["raffle"]
    event = event_of(import_sample(world, "thimble-creek-houseparty"))
    assert event.kept["raffle"] == SAMPLES["thimble-creek-houseparty"]["raffle"]


@pytest.mark.parametrize("name", ["shieldwall-weekend", "juniper-state-day"])
def test_importing_twice_changes_nothing(world, name):
    slug = import_sample(world, name)
    before = row_counts()
    assert import_sample(world, name) == slug
    assert row_counts() == before


def test_another_first_day_is_another_show_of_the_same_series(world):
    first, second = (
        import_sample(world, "juniper-state-day"),
        import_sample(world, "juniper-state-day", date(2028, 6, 10)),
    )
    assert first != second and event_of(first).series_id == event_of(second).series_id is not None


def test_a_file_that_changed_since_is_refused_and_changes_nothing(world):
    import_sample(world, "juniper-state-day")
    before = row_counts()
    with pytest.raises(ImportedBefore):
        import_sample(world, "juniper-state-day", theme="Another theme")
    assert row_counts() == before


def test_the_wrong_weekday_is_a_warning_not_a_problem(app):
    show = SAMPLES["juniper-state-day"]
    assert weekday_warning(show, date(2027, 6, 12)) is None
    report = services.check_show(show, date(2027, 6, 13))
    assert report.problems == [] and "usually starts on a Saturday; the chosen day is a Sunday" in report.warnings[0][1]


def test_the_digest_does_not_mind_the_order_of_keys():
    show = SAMPLES["juniper-state-day"]
    assert digest_of(show) == digest_of(dict(reversed(list(show.items()))))
    assert digest_of(show) != digest_of({**show, "name": "Other"})


UNREADABLE = {
    "empty": (b"", "not valid JSON"),
    "cut": (json.dumps({"shows": [{"id": "x"}]}).encode()[:-4], "not valid JSON"),
    "no JSON": (b"name,price\nA,1\n", "not valid JSON"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\xfe", "not text in UTF-8"),
    "NUL": (b'{"shows": "\0"}', "NUL characters"),
    "a list": (b"[1, 2]", "must hold an object"),
    "no shows": (b'{"shows": []}', "no show in this file"),
    "shows no list": (b'{"shows": {"a": 1}}', "must be a list"),
    "a show that is none": (b'{"shows": [7]}', "shows[0] is not an object"),
    "no id": (b'{"shows": [{"name": "x"}]}', "shows[0] needs an id"),
    "an odd id": (b'{"shows": [{"id": "../../etc"}]}', "shows[0] needs an id"),
    "NaN": (b'{"shows": [{"id": "x", "days": [NaN]}]}', "NaN is not a number"),
    "a key twice": (b'{"shows": [{"id": "x", "id": "y"}]}', "stands twice"),
    "a long number": (b'{"shows": [{"id": "x", "n": ' + b"9" * 5000 + b"}]}", "too long to read"),
    "too deep": (b'{"shows": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
    "another version": (b'{"schema_version": 99, "shows": [{"id": "x"}]}', "not a file of version 1"),
    "too large": (b" " * 5_000_001, "larger than 5 MB"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_file_says_what_is_wrong(name):
    content, words = UNREADABLE[name]
    with pytest.raises(ShowFileDamaged) as caught:
        read_file(content)
    assert words in caught.value.message


def test_a_file_of_several_shows_lists_their_ids():
    shows = list(SAMPLES.values())
    with pytest.raises(ShowFileDamaged, match="juniper-state-day"):
        choose_show(shows, None)
    with pytest.raises(ShowFileDamaged, match="There is no show 'nothing'"):
        choose_show(shows, "nothing")
    assert choose_show(shows, "juniper-state-day")["id"] == "juniper-state-day"


def damage(show: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    spoiled = copy.deepcopy(show)
    change(spoiled)
    return spoiled


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str, str]] = {
    "no name": (lambda s: s.pop("name"), "name", "missing"),
    "name a number": (lambda s: s.update(name=7), "name", "must be a text"),
    "name of 1 MB": (lambda s: s.update(name="x" * 1_000_000), "name", "longer than"),
    "NUL in the name": (lambda s: s.update(name="a\0b"), "name", "control characters"),
    "lone surrogate": (lambda s: s.update(theme="\ud800"), "theme", "cannot be stored"),
    "unknown kind": (lambda s: s.update(kind="rave"), "kind", "not known"),
    "unknown zone": (lambda s: s.update(timezone="Mars/Olympus"), "timezone", "no time zone"),
    "unknown currency": (lambda s: s.update(currency="QQQ"), "currency", "no currency"),
    "unknown locale": (lambda s: s.update(locale="xx-YY-zz"), "locale", "no locale"),
    "days no list": (lambda s: s.update(days="0"), "days", "must be a list"),
    "day a text": (lambda s: s.update(days=[0, "1"]), "days[1]", "whole number"),
    "no first day": (lambda s: s.update(days=[1, 2]), "days", "Day 0"),
    "a year of days": (lambda s: s.update(days=[0, 365]), "days", "60 days at most"),
    "no venue": (lambda s: s.pop("venue"), "venue", "missing"),
    "venue a list": (lambda s: s.update(venue=[]), "venue", "must be an object"),
    "no halls": (lambda s: s["venue"].update(halls=[]), "venue.halls", "at least one room"),
    "hall without width": (
        lambda s: s["venue"]["halls"][1].pop("width_ft"),
        "venue.halls[1] layouts",
        "width_ft is missing",
    ),
    "hall of no size": (
        lambda s: s["venue"]["halls"][1].update(width_ft=0),
        "venue.halls[1] layouts.width_ft",
        "from 1 to",
    ),
    "hall twice": (
        lambda s: s["venue"]["halls"].append(dict(s["venue"]["halls"][0])),
        "venue.halls[3] expo",
        "stands twice",
    ),
    "hall negative": (
        lambda s: s["venue"]["halls"][0].update(depth_ft=-5),
        "venue.halls[0] expo.depth_ft",
        "below zero",
    ),
    "door outside": (
        lambda s: s["venue"]["halls"][0]["doors"][0].update(x_ft=999),
        "venue.halls[0] expo.doors[0]",
        "does not fit",
    ),
    "refund over 100": (
        lambda s: s["policies"]["attendee_refund"][0].update(refund_pct=101),
        "policies.attendee_refund[0].refund_pct",
        "0 to 100",
    ),
    "refund step no object": (
        lambda s: s["policies"].update(attendee_refund=[3]),
        "policies.attendee_refund[0]",
        "must be an object",
    ),
    "price negative": (lambda s: s["ticket_types"][1].update(price=-1), "ticket_types[1] adult.price", "below zero"),
    "price a float": (lambda s: s["ticket_types"][1].update(price=1.5), "ticket_types[1] adult.price", "whole number"),
    "price huge": (lambda s: s["ticket_types"][1].update(price=10**20), "ticket_types[1] adult.price", "too large"),
    "session at 25:00": (lambda s: s["sessions"][0].update(start="25:00"), "sessions[0]", "time such as"),
    "room a list": (lambda s: s["sessions"][0].update(room=[]), "sessions[0]", "must be a text"),
    "unknown room": (lambda s: s["sessions"][0].update(room="attic"), "sessions[0]", "attic"),
    "unknown hall of a row": (lambda s: s["table_rows"][0].update(hall="attic"), "table_rows[0]", "attic"),
    "rows overlap": (
        lambda s: s["table_rows"][1].update(x_ft=s["table_rows"][0]["x_ft"], y_ft=s["table_rows"][0]["y_ft"]),
        "table_rows A",
        "stand on each other",
    ),
    "hold of a day": (
        lambda s: s["registration"].update(cart_hold_minutes=1440),
        "registration.cart_hold_minutes",
        "1 to 120",
    ),
    "deep": (lambda s: s.update(extra=json.loads("[" * 40 + "]" * 40)), "extra", "nested too deep"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_show_says_what_is_wrong_by_row_and_changes_nothing(world, name):
    change, where, words = DAMAGES[name]
    show = damage(SAMPLES["quill-river-train-show"], change)
    before = row_counts()
    report = services.check_show(show)
    assert any(place.startswith(where) and words in sentence for place, sentence in report.problems), report.problems[
        :5
    ]
    with pytest.raises(ShowFileFaulty), transaction() as db_session:
        services.import_show(
            db_session, organizer=db_session.merge(world.organizer), show=show, first_day=FRIDAY, by=BY, now=utcnow()
        )
    assert row_counts() == before


def upload(world: Any, who: str, content: bytes, first_day: str = "2027-06-12") -> Any:
    client = world.client(who)
    token = token_of(client)
    data = {"csrf_token": token, "first_day": first_day, "file": (BytesIO(content), "../../show.json")}
    return client.post("/manage/organizers/lakeside-club/imports", data=data, content_type="multipart/form-data")


def file_of(*shows: dict[str, Any]) -> bytes:
    return json.dumps({"schema_version": 1, "shows": list(shows)}).encode()


def confirm(world: Any, address: str, **fields: str) -> Any:
    client = world.client("olga")
    return client.post(f"{address}/shows", data={"csrf_token": token_of(client), **fields})


def test_the_upload_page_previews_and_then_imports(world):
    answer = upload(world, "olga", file_of(SAMPLES["juniper-state-day"], SAMPLES["mossgate-toy-swap"]))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = world.client("olga").get(answer.location).get_data(as_text=True)
    assert "The file is in order" in page and "Kept, not used yet" in page and "usually starts on" not in page
    address = answer.location.partition("?")[0]
    other = world.client("olga").get(f"{address}?show=mossgate-toy-swap&first_day=2027-06-12").get_data(as_text=True)
    assert "usually starts on a Sunday; the chosen day is a Saturday" in other
    done = confirm(world, address, show="juniper-state-day", first_day="2027-06-12")
    assert (done.status_code, done.location) == (303, "/manage/shows/juniper-state-day-luncheon-2027")
    before = row_counts()
    again = confirm(world, address, show="juniper-state-day", first_day="2027-06-12")
    assert again.location == done.location and row_counts() == before
    assert "It is here already" in world.client("olga").get(answer.location).get_data(as_text=True)


def test_the_preview_lists_every_problem_by_row_and_offers_no_button(world):
    show = copy.deepcopy(SAMPLES["quill-river-train-show"])
    show["sessions"][0]["room"] = "attic"
    show["venue"]["halls"][0]["doors"][0]["x_ft"] = 9999
    answer = upload(world, "olga", file_of(show))
    page = world.client("olga").get(answer.location).get_data(as_text=True)
    assert "sessions[0]" in page and "attic" in page and "venue.halls[0] expo.doors[0]" in page
    assert "Import as a draft" not in page
    refused = confirm(world, answer.location.partition("?")[0], show=show["id"], first_day="2027-06-12")
    assert refused.status_code == 422 and row_counts()["event"] == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_upload_is_told_at_its_field_and_not_kept(world, name):
    content, words = UNREADABLE[name]
    answer = upload(world, "olga", content)
    if name == "too large":
        assert answer.status_code in (413, 422)
    else:
        assert answer.status_code == 422 and words.replace("'", "&#39;") in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_hostile_words_of_a_file_are_shown_as_text(world):
    show = {"id": "x", "name": "<script>alert(1)</script>", "kind": "</td><img src=x onerror=alert(1)>"}
    page = world.client("olga").get(upload(world, "olga", file_of(show)).location).get_data(as_text=True)
    assert "<script>alert" not in page and "<img src=x" not in page


def test_an_upload_belongs_to_its_person_and_organizer(world):
    from tests import factories

    with transaction() as db_session:
        club = factories.organizer(db_session, "Other Club")
        factories.member(db_session, organizer=club, person=db_session.merge(world.person("olga")), roles=["owner"])
        factories.member(
            db_session,
            organizer=db_session.merge(world.organizer),
            person=db_session.merge(world.person("tom")),
            roles=["owner"],
        )
    address = upload(world, "olga", file_of(SAMPLES["juniper-state-day"])).location.partition("?")[0]
    assert world.client("olga").get(address).status_code == 200
    assert world.client("tom").get(address).status_code == 404
    assert world.client("olga").get(address.replace("lakeside-club", "other-club")).status_code == 404
    assert world.client("dora").get(address).status_code == 403
    assert world.client("otto").get(address).status_code == 404
    assert world.client("olga").get(f"{address}999").status_code == 404


def test_uploads_are_gone_after_a_day(world, clock):
    from swapmeet.events.uploads import sweep
    from swapmeet.infra.files import list_keys

    address = upload(world, "olga", file_of(SAMPLES["juniper-state-day"])).location.partition("?")[0]
    key = db.session.scalar(select(StoredFile.key))
    assert key in list_keys()
    clock.advance(hours=25)
    with transaction() as db_session:
        sweep(db_session, now=utcnow())
    assert key not in list_keys()
    assert world.client("olga").get(address).status_code == 404


def test_a_first_day_that_makes_no_sense_is_told(world):
    address = upload(world, "olga", file_of(SAMPLES["juniper-state-day"])).location.partition("?")[0]
    for first_day in ("", "x", "1000-01-01", "\0"):
        assert world.client("olga").get(address, query_string={"first_day": first_day}).status_code == 200
        assert confirm(world, address, show="juniper-state-day", first_day=first_day).status_code == 422
    assert confirm(world, address, show="nothing", first_day="2027-06-12").status_code == 422
