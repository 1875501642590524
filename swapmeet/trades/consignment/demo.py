"""Fills the bring and buy desk of the demo: listed, on sale, sold, and one seller who has been paid."""

from dataclasses import replace
from datetime import time, timedelta

from sqlalchemy.orm import Session

from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.consignment import queries, services
from swapmeet.trades.consignment.rules import Drop, Terms
from swapmeet.trades.rules import Floor

BY = Actor.command("demo")
THINGS = (("Box of turned chair legs", 450), ("Plastic greenhouse kit, unopened", 1800), ("Three rag rugs", 900))
WORDS = "Bring your things until noon on Saturday. Fetch your money and what is left until four; what stays goes to charity."


def fill(db_session: Session, stage: Stage) -> None:
    """At the first show with open trades."""
    trading = [event for event in stage.events if trade_queries.floor_of(event, stage.now) is Floor.OPEN]
    if not trading:
        return
    event, start = trading[0], stage.now - timedelta(days=4)
    traders = [person for key, person in stage.accounts.items() if "trader" in key]
    people = [*traders, *[person for person in stage.people if person not in traders][:4]]
    desk = queries.find_desk(db_session, event_id=event.id)
    if desk is None:  # its file has none
        desk = services.open_desk(db_session, event=event, terms=Terms(10, 100, 100, 40, WORDS), by=BY, now=start)
    drop = Drop(50, from_local(event.last_day, time(15), event.time_zone))
    terms = replace(queries.terms_of(db_session, desk), drop=drop)
    services.change_terms(db_session, desk=desk, terms=terms, by=BY, now=start)
    for place, person in enumerate(people):
        seller = services.enroll(db_session, desk=desk, person_id=person.id, name=person.name, by=BY, now=start)
        for title, price in THINGS:
            services.list_lot(
                db_session, desk=desk, seller=seller, title=title, price_minor=price + 50 * place, by=BY, now=start
            )
        if place == len(people) - 1:
            return  # the last one has not come yet
        lots = queries.list_lots(db_session, seller_id=seller.id)
        services.take_in(db_session, desk=desk, lots=lots, by=BY, now=start)
        for lot in lots[: place % 3]:
            services.sell(db_session, desk=desk, lot=lot, seen_minor=lot.price_minor, by=BY, now=start)
        if place == 2:
            due = queries.account_of(db_session, desk=desk, seller=seller).money.due
            services.pay_out(db_session, desk=desk, seller=seller, seen_minor=due, by=BY, now=start)
