"""Ticket types from show files, and copied to next year's show."""

import copy
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.events.services.importing import check_show, import_show
from swapmeet.events.showfile import sample_shows
from swapmeet.events.showmeals import meals_as_questions
from swapmeet.infra.clock import utcnow
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Quota
from swapmeet.questions.queries import list_questions
from swapmeet.questions.services import MOST_QUESTIONS
from swapmeet.registration import doctor, importing
from swapmeet.registration.models import TicketType
from swapmeet.registration.queries import list_ticket_types
from swapmeet.registration.variants import variants_of
from tests.registration import build

SHOWS = {show["id"]: show for show in sample_shows()["shows"]}
FIRST_DAY = date(2027, 5, 14)


def imported(world, show_id):
    with transaction() as db_session:
        event = import_show(
            db_session,
            organizer=world.organizer,
            show=SHOWS[show_id],
            first_day=FIRST_DAY,
            by=Actor.command("test"),
            now=utcnow(),
        )
        kinds = list_ticket_types(db_session, event_id=event.id)
    return event, {kind.code: kind for kind in kinds}


@pytest.mark.parametrize("show_id", sorted(SHOWS))
def test_every_sample_show_brings_its_tickets(world, show_id):
    event, kinds = imported(world, show_id)
    bought = {f"meal-{row['code']}" for row in SHOWS[show_id].get("meals", []) if row.get("price")}
    assert set(kinds) == {row["code"] for row in SHOWS[show_id]["ticket_types"]} | bought
    assert importing.publish_problems(world.session, event) == []


def test_meals_are_tickets_with_dishes_or_ask_those_they_are_included_for(world):
    event, kinds = imported(world, "iron-ferry-rail-convention")
    banquet, day = kinds["meal-banquet"], FIRST_DAY + timedelta(days=2)
    dishes = variants_of(world.session, event_id=event.id, type_ids=[banquet.id])[banquet.id]
    assert [each.name for each in dishes] == ["beef", "haddock", "squash (vegan)"]
    assert (banquet.price_minor, banquet.days, banquet.entry_from, banquet.is_admission) == (
        5200,
        [day],
        "18:30",
        False,
    )
    assert kinds["meal-breakfast"].id not in variants_of(world.session, event_id=event.id), "a buffet leaves no choice"
    event, kinds = imported(world, "thimble-creek-houseparty")
    assert not any(code.startswith("meal-") for code in kinds)
    lunch, dinner = list_questions(world.session, event_id=event.id)
    parties = {**SHOWS["thimble-creek-houseparty"]["meals"][1], "parties": True}
    asked = meals_as_questions({"meals": [parties]})
    assert [(each["kind"], each.get("required", False)) for each in asked] == [("one_of", True), ("text", False)]
    assert (lunch.label, lunch.options) == ("Opening luncheon: which dish?", ["chicken", "salmon", "mushroom (vegan)"])
    assert lunch.product_ids == [kinds["full"].id, kinds["companion"].id]
    assert (dinner.is_required, dinner.needed_by_on) == (True, FIRST_DAY - timedelta(days=14))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"day": 9}, "not one of the show's days"),
        ({"start": "noon"}, "time such as"),
        ({"choices": ["beef", "beef"]}, "different dishes"),
        ({"choices": [7]}, "different dishes"),
        ({"choices": ["Beef", "beef "]}, "different dishes"),
        ({"final_count_days_before": 1000}, "on sale only from"),
        ({"code": "breakfast "}, "used twice"),
        ({"included_in": ["nobody"]}, "codes of ticket_types"),
        ({"final_count_days_before": -3}, "0 to 1,000"),
        ({"name": "Full convention"}, "There is a ticket called"),
        ({"code": "breakfast"}, "used twice"),
        ({"choices": "beef"}, "must be a list"),
    ],
)
def test_each_fault_of_a_meal_is_told_at_its_row(app, change, words):
    show = copy.deepcopy(SHOWS["iron-ferry-rail-convention"])
    show["meals"][0].update(change)
    found = check_show(show, FIRST_DAY).problems
    assert any(where.startswith("meals[") and words in sentence for where, sentence in found), found


def test_meals_ask_no_more_than_a_show_may_and_take_no_code_of_a_ticket(app):
    show = copy.deepcopy(SHOWS["iron-ferry-rail-convention"])
    show.pop("questions", None)
    show["ticket_types"].append({"code": "meal-m1", "name": "Odd", "price": 5, "sale_ends_days_before": 1000})
    show["ticket_types"].append({"code": "full ", "name": "Even", "price": 5})
    wanted = {"choices": ["Beef", "Ham"], "included_in": ["full"]}
    show["meals"] = [{"code": f"m{n}", "name": f"Meal {n}", **wanted} for n in range(MOST_QUESTIONS + 1)]
    problems = dict(check_show(show, FIRST_DAY).problems)
    assert "at most 40 questions" in problems["questions"]
    assert "used twice" in problems["meals[1] m1"]
    assert any("begins only" in words for words in problems.values())
    assert any("full  is used twice" in words for words in problems.values())


def test_importing_twice_changes_nothing(world):
    event, kinds = imported(world, "tenterbridge-dolls-house-fair")
    with transaction() as db_session:
        importing.apply(db_session, db_session.merge(event), SHOWS["tenterbridge-dolls-house-fair"], utcnow())
    assert world.session.scalar(select(func.count()).select_from(TicketType)) == len(kinds)


def test_steps_end_on_the_days_the_file_says_and_the_last_is_the_own_price(world):
    _, kinds = imported(world, "iron-ferry-rail-convention")
    full = kinds["full"]
    assert full.price_minor == 13500
    assert [(tier.price_minor, tier.until_on) for tier in full.tiers] == [
        (9500, FIRST_DAY - timedelta(days=90)),
        (11500, FIRST_DAY - timedelta(days=14)),
    ]


def test_what_shares_a_cap_shares_one_quota(world):
    _, kinds = imported(world, "maple-hearth-weekend")
    shared = {kinds["shared"].shared_quota_id, kinds["single"].shared_quota_id}
    assert len(shared) == 1
    quota = world.session.get_one(Quota, shared.pop())
    assert quota.capacity == 80
    assert kinds["day-sat"].shared_quota_id is None


def test_the_window_opens_at_the_files_hour_on_the_shows_clock(world):
    event, kinds = imported(world, "shieldwall-weekend")
    local = datetime.combine(FIRST_DAY - timedelta(days=88), datetime.min.time()).replace(hour=19)
    assert event.time_zone.startswith("America/")
    opened = kinds["weekend"].sale_starts_at
    assert opened is not None
    assert opened.astimezone(UTC) - local.replace(tzinfo=UTC) in (
        timedelta(hours=4),
        timedelta(hours=5),
        timedelta(hours=6),
    )


def test_door_tickets_one_day_tickets_and_parking_are_told_apart(world):
    _, kinds = imported(world, "quill-river-train-show")
    assert kinds["adult"].days_allowed == 1
    assert kinds["two"].days_allowed is None
    assert kinds["park"].is_admission is False
    _, kinds = imported(world, "tenterbridge-dolls-house-fair")
    assert kinds["door"].is_door_only is True
    assert kinds["adv"].sale_ends_at is not None


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("code",), "early", "used twice"),
        (("name",), "Early entry 09:30", "Two tickets are called"),
        (("price",), -1, "minor units"),
        (("capacity",), 10**9, "whole number"),
        (("valid_days",), [5], "not one of the show's days"),
        (("entry_from",), "9.30", "time such as"),
        (("min_age",), 500, "whole number"),
        (("price_tiers",), [{"until_days_before": 5, "price": 1}, {"until_days_before": 9, "price": 2}], "end after"),
        (("price_tiers",), [{"until_days_before": 5, "price": -1}], "minor units"),
    ],
)
def test_each_fault_of_a_row_is_told_with_its_place(app, path, value, words):
    show = copy.deepcopy(SHOWS["tenterbridge-dolls-house-fair"])
    show["ticket_types"][1][path[0]] = value
    report = ImportReport()
    importing.check(show, report)
    assert any(where.startswith("ticket_types[1]") and words in sentence for where, sentence in report.problems), (
        report.problems
    )


def test_a_good_file_has_no_problems(app):
    for show in SHOWS.values():
        assert check_show(json.loads(json.dumps(show))).problems == []


def test_a_clone_has_the_same_tickets_on_its_own_days_and_nothing_sold(world):
    with transaction() as db_session:
        event = world.show()
        pool = Quota(event_id=event.id, name="Beds", capacity=9, taken=0)
        db_session.add(pool)
        db_session.flush()
        kind = build.ticket_type(
            db_session,
            event,
            valid_days=[event.first_day.isoformat()],
            shared_quota_id=pool.id,
            names_until_on=event.first_day,
        )
        build.tier(db_session, kind, 2000, until_on=event.first_day - timedelta(days=30))
        build.tier(db_session, kind, 2200, position=1, first=5)
        build.buy(db_session, event, {kind.id: 2})
        later = event.first_day + timedelta(days=364)
        target = clone_event(
            db_session,
            source=event,
            wish=CloneWish("Lakeside Fair 2028", later),
            by=Actor.command("test"),
            now=utcnow(),
        )
        (copied,) = list_ticket_types(db_session, event_id=target.id)
        assert copied.valid_days == [later.isoformat()]
        assert copied.names_until_on == later
        assert (copied.quota.capacity, copied.quota.taken) == (100, 0)
        assert copied.shared_quota.name == "Beds"
        assert copied.shared_quota_id != pool.id
        assert [tier.price_minor for tier in copied.tiers] == [2000, 2200]
        assert copied.tiers[0].until_on == later - timedelta(days=30)
        assert copied.tiers[1].quota.taken == 0


def test_a_show_without_tickets_is_not_ready_to_publish(world):
    assert importing.publish_problems(world.session, world.show())


def test_doctor_finds_nothing_on_imported_tickets(world):
    imported(world, "maple-hearth-weekend")
    assert [words for query in doctor.QUERIES for words in query.find(world.session, utcnow())] == []
