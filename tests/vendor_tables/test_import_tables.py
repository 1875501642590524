"""Tables of a show file: every fault by row, places as in the source, a second import changes nothing."""

import copy
import json
import math
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.applications.models import VendorCategory
from swapmeet.vendor_tables.geometry import feet
from swapmeet.vendor_tables.importing import apply_tables, check_tables, clone_tables, publish_problems
from swapmeet.vendor_tables.models import TableExtra, TablePlace, TableType, VendorTerms
from swapmeet.vendor_tables.prices import list_rules
from swapmeet.vendor_tables.showfile import read_tables
from tests import factories

SHOW: dict[str, Any] = {
    "venue": {"halls": [{"code": "main", "name": "Main hall", "width_ft": 84, "depth_ft": 52}]},
    "table_types": [
        {"code": "sale6", "name": "Sales table", "length_ft": 6, "depth_in": 28, "chairs": 2, "power": "on request",
         "price": 6000, "badges": 2, "quantity": 11},
        {"code": "demo6", "name": "Demonstration table", "length_ft": 6, "depth_in": 28, "power": True, "price": 3000,
         "first_price": 3500, "limit_per_vendor": 1, "rule": "at most half the top may sell", "quantity": 2},
    ],
    "table_rows": [
        {"row": "A", "hall": "main", "table_type": "sale6", "count": 11, "x_ft": 9.0, "y_ft": 4.0, "runs": "E",
         "facing": "S", "first_number": 1},
        {"row": "DX", "hall": "main", "table_type": "demo6", "count": 2, "x_ft": 32.0, "y_ft": 34.0, "runs": "E",
         "facing": "N", "first_number": 1},
    ],
    "vendor_policy": {"selection": "first come", "max_tables_each": 4, "application_closes_days_before": 7},
}  # fmt: skip


def changed(**changes: Any) -> dict[str, Any]:
    """The show with one value replaced: keys are "table_rows.0.count"."""
    show = copy.deepcopy(SHOW)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target: Any = show
        for key in parents:
            target = target[int(key) if key.isdigit() else key]
        target[int(last) if last.isdigit() else last] = value
    return show


def test_a_file_becomes_places_with_the_sources_labels(world: Any) -> None:
    with transaction() as db_session:
        apply_tables(db_session, world.show(), SHOW, utcnow())
    places = {place.label: place for place in db.session.scalars(select(TablePlace))}
    assert len(places) == 13 and "A07" in places and "DX02" in places
    assert places["A07"].x_mm == feet(9 + 36) and places["A07"].d_mm == 711
    assert places["A01"].tags == ["end", "corner", "wall"] and places["A02"].tags == ["wall"]
    types = {row.code: row for row in db.session.scalars(select(TableType))}
    assert types["sale6"].power_on_request and not types["sale6"].has_power
    assert (types["demo6"].first_price_minor, types["demo6"].limit_per_vendor) == (3500, 1)
    terms = db.session.scalars(select(VendorTerms)).one()
    assert terms.max_tables == 4
    assert world.show().tables_close_at is not None


def test_prices_by_day_and_extras_come_from_the_policy(world: Any) -> None:
    policy = {
        "early_price_until_days_before": 49, "early_price_off": 2500, "late_price_from_days_before": 30,
        "late_price_add": 500, "door_price_add": 1500, "electricity_fee": 1500, "helper_badge_fee": 0,
        "category_quotas": {"furniture": 6, "other": 99},
    }  # fmt: skip
    extras = [{"code": "chair", "name": "chair", "price": 600}, {"code": "drape", "name": "drape", "price": 0}]
    show = changed(vendor_policy=policy, table_types__1__price_list=[{"price": 2000}], table_types__0__extras=extras)
    with transaction() as db_session:
        apply_tables(db_session, world.show(), show, utcnow())
    kinds = {row.code: row for row in db.session.scalars(select(TableType))}
    rules = list_rules(db.session(), event_id=world.event_id)
    first = world.show().first_day
    days = [49, 31, 1]
    assert [(rule.until_on, rule.price_minor) for rule in rules[kinds["sale6"].id]] == [
        *zip([first - timedelta(days=each) for each in days], [3500, 6000, 6500], strict=True), (None, 7500),
    ]  # fmt: skip
    assert [rule.price_minor for rule in rules[kinds["demo6"].id]] == [2000], "it has a list of its own"
    kinds_of_wares = db.session.scalars(select(VendorCategory).order_by(VendorCategory.position))
    assert [(row.name, row.most_tables) for row in kinds_of_wares] == [("Furniture", 6), ("Other", 99)]
    found = db.session.scalars(select(TableExtra).order_by(TableExtra.position))
    assert [(row.kind.value, row.name, row.price_minor) for row in found] == [
        ("chair", "Chair", 600), ("other", "Drape", 0), ("power", "Power at your table", 1500),
    ]  # fmt: skip


def test_an_early_price_up_to_the_day_before_stays_beside_one_at_the_door_and_no_extra_comes_twice() -> None:
    policy = {
        "early_price_until_days_before": 1, "early_price_off": 2500, "door_price_add": 1500, "electricity_fee": 900
    }  # fmt: skip
    extras = [{"code": "power", "name": "power at your table", "price": 700}]
    found = read_tables(changed(vendor_policy=policy, table_types__0__extras=extras))
    kind = next(each for each in found.types if each.code == "sale6")
    assert [(each.until_days_before, each.price_minor) for each in kind.prices] == [(1, 3500), (None, 7500)]
    assert [(each.name, each.price_minor) for each in found.extras] == [("Power at your table", 700)]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            {"category_quotas": {"dolls": -1}},
            "category_quotas must say a whole number from 0 to 10000 for each kind of wares",
        ),
        ({"early_price_off": 500}, "early_price_until_days_before and early_price_off go together"),
        (
            {"early_price_off": 5, "early_price_until_days_before": 9, "late_price_add": 5, "late_price_from_days_before": 9},
            "the early price must end before the late one begins",
        ),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_told(policy: dict[str, Any], words: str) -> None:
    assert ("vendor_policy", words) in read_tables(changed(vendor_policy=policy)).problems


def test_what_the_policy_says_beyond_that_is_named(world: Any) -> None:
    report = ImportReport()
    check_tables(changed(vendor_policy={"selection": "first come", "sublet": "no", "claim_by": {}}), report)
    assert report.kept == [("vendor_policy", "Kept with the show, not used yet: claim_by, sublet.")]


def test_a_second_import_changes_nothing_and_keeps_what_was_edited(world: Any) -> None:
    with transaction() as db_session:
        apply_tables(db_session, world.show(), SHOW, utcnow())
    with transaction() as db_session:
        place = db_session.scalars(select(TablePlace).where(TablePlace.label == "A02")).one()
        place.x_mm += 10
        before = {row.uid: (row.label, row.x_mm) for row in db_session.scalars(select(TablePlace))}
    with transaction() as db_session:
        apply_tables(db_session, world.show(), SHOW, utcnow())
    assert {row.uid: (row.label, row.x_mm) for row in db.session.scalars(select(TablePlace))} == before


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"table_rows__0__hall": "attic"}, "table_rows[0] A", "there is no hall attic"),
        ({"table_rows__0__table_type": "x"}, "table_rows[0] A", "no usable table type x"),
        ({"table_rows__0__count": 0}, "table_rows[0] A", "count must be a whole number from 1 to 500"),
        ({"table_rows__0__count": 10**9}, "table_rows[0] A", "count must be a whole number"),
        ({"table_rows__0__x_ft": math.nan}, "table_rows[0] A", "x_ft must be a number"),
        ({"table_rows__0__x_ft": math.inf}, "table_rows[0] A", "x_ft must be a number"),
        ({"table_rows__0__x_ft": "9"}, "table_rows[0] A", "x_ft must be a number"),
        ({"table_rows__0__x_ft": 60}, "table_rows A", "the place A05 is outside of the hall main"),
        ({"table_rows__0__runs": "up"}, "table_rows[0] A", "runs must be N, E, S or W"),
        ({"table_rows__1__row": "A"}, "table_rows", "the place A01 is there 2 times"),
        ({"table_rows__1__y_ft": 5}, "table_rows A", "A04 and DX01 stand on each other"),
        ({"table_rows__1": "row"}, "table_rows[1]", "must be an object"),
        ({"table_rows": {"A": 1}}, "table_rows", "must be a list"),
        ({"table_types__0__price": -1}, "table_types[0]", "price must be a whole number from 0"),
        ({"table_types__0__price": 60.5}, "table_types[0]", "price must be a whole number"),
        ({"table_types__0__length_ft": 0}, "table_types[0]", "length_ft must be a number from 1"),
        ({"table_types__0__power": "maybe"}, "table_types[0]", "power must be true, false"),
        ({"table_types__1__code": "sale6"}, "table_types[1]", "the code sale6 is there twice"),
        ({"table_types__0__name": ""}, "table_types[0]", "name must be text"),
    ],
)
def test_every_fault_is_told_with_its_row(changes: dict[str, Any], where: str, words: str) -> None:
    found = read_tables(changed(**changes)).problems
    assert any(place == where and words in sentence for place, sentence in found), found


def test_a_row_count_that_differs_from_the_stated_quantity_is_a_warning() -> None:
    found = read_tables(changed(table_types__0__quantity=12))
    assert found.problems == [] and found.warnings == [
        ("table_types[0]", "the file says 12 of sale6, but its rows hold 11")
    ]


@pytest.mark.parametrize("value", [None, 7, "x", [1], [[]], [None], {"a": []}, True, -1e308, [{"row": {}}]])
@pytest.mark.parametrize("key", ["table_types", "table_rows", "venue", "vendor_policy", "flea_market"])
def test_any_damage_is_read_without_falling_over(key: str, value: Any) -> None:
    report = ImportReport()
    check_tables({**SHOW, key: value}, report)
    assert isinstance(report.problems, list)


def test_all_sample_shows_have_faultless_tables() -> None:
    from swapmeet.events.showfile import sample_shows

    for show in sample_shows()["shows"]:
        found = read_tables(json.loads(json.dumps(show)))
        assert found.problems == [], show["id"]
        assert sum(len(spots) for spots in found.spots.values()) == show["table_count"]


def test_a_clone_keeps_the_names_of_places(world: Any) -> None:
    with transaction() as db_session:
        apply_tables(db_session, world.show(), SHOW, utcnow())
        target = factories.event(db_session, organizer=world.organizer, name="Next Year")
        factories.hall(db_session, event=target)
        clone_tables(db_session, world.show(), target, 364, utcnow())
        target_id = target.id
    rows = db.session.execute(select(TablePlace.event_id, TablePlace.label, TablePlace.uid)).all()
    old = {label: uid for event_id, label, uid in rows if event_id == world.event_id}
    new = {label: uid for event_id, label, uid in rows if event_id == target_id}
    assert old == new and len(new) == 13
    kinds = db.session.scalars(select(TablePlace).where(TablePlace.event_id == target_id)).all()
    assert {place.type.event_id for place in kinds} == {target_id}
    assert db.session.get_one(VendorTerms, target_id).max_tables == 4


def test_a_plan_with_faults_is_not_publishable(world: Any) -> None:
    with transaction() as db_session:
        apply_tables(db_session, world.show(), SHOW, utcnow())
        assert publish_problems(db_session, world.show()) == []
        a01, a02, a11 = (
            db_session.scalars(select(TablePlace).where(TablePlace.label == label)).one()
            for label in ("A01", "A02", "A11")
        )
        a02.x_mm = a01.x_mm + 100
        a11.x_mm = 29000
    problems = publish_problems(db.session(), world.show())
    assert "Tables A01 and A02 stand on each other." in problems
    assert "Table A11 is outside of Main hall." in problems
