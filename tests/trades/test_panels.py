"""What trades shows on a show's page, on its overview and in the bars."""

from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import Registry, registry
from swapmeet.trades import panels
from tests.support.forms import post
from tests.trades.stall import agreed_trade, list_thing


def test_the_fact_counts_things_with_one_statement(world: Any) -> None:
    list_thing(world, "tess")
    list_thing(world, "tess", is_listed=False)
    event = world.show()
    db.session().info["statements"] = 0
    assert panels.load_fact(db.session(), event, utcnow()) == {
        "floor": "open",
        "things": 1,
        "exchanges": 0,
        "has_desk": False,
    }
    assert db.session().info["statements"] == 1


def test_a_show_without_trades_has_no_fact_and_no_tab(world: Any) -> None:
    event = world.show()
    event.trades_enabled = False
    assert panels.load_fact(db.session(), event, utcnow()) is None
    assert panels.load_numbers(db.session(), event, utcnow()) is None
    tab = next(entry for entry in registry().bar("show.tabs") if entry.endpoint == "trades.browse")
    assert not tab.shown(event)
    db.session.rollback()


def test_the_numbers_and_what_waits_for_the_team(world: Any) -> None:
    agreed_trade(world)
    wagon = list_thing(world, "tom", title="Cart")
    post(world.client("ann"), f"/trades/{wagon}/report", {"reason": "rude"})
    event = world.show()
    assert panels.load_numbers(db.session(), event, utcnow()) == {"listed": 1, "reserved": 2, "traded": 0}
    with world.app.test_request_context():
        lines = panels.waiting(db.session(), event, utcnow())
    assert [line.title for line in lines] == ["1 report about trades"]


def test_everything_is_registered_once(app: Any) -> None:
    found: Registry = registry()
    assert [p.place for p in found.panels if p.template.startswith("trades/")] == ["show.facts", "manage.numbers"]
    assert {"picture.encode", "picture.forget"} <= set(found.jobs) and "trades.offer" in found.composers
    assert [step.order for step in found.import_steps if step.name == "trades"] == [60]
