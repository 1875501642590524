"""Who may buy a table now, where a show does not simply sell to everybody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import SellingMode
from swapmeet.vendor_tables.applications.services.offers import find_right_to_pick
from swapmeet.vendor_tables.applications.waves import Wave, first_chance
from swapmeet.vendor_tables.errors import TablesNotOnSale, TooManyTables
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.web.filters import from_moment


def check_may_buy(
    db_session: Session, *, event: Event, person_id: int | None, places: Sequence[TablePlace], owned: int, now: datetime
) -> None:
    """Raises TablesNotOnSale, TooManyTables. Direct sale lets everybody in; `owned` counts the buyer's tables at this show."""
    mode = queries.mode_of(db_session, event_id=event.id)
    if mode is SellingMode.DIRECT:
        return
    right = find_right_to_pick(db_session, event_id=event.id, person_id=person_id, now=now)
    if right is not None:
        if owned + len(places) > right.table_count:
            raise TooManyTables(f"Your offer is for {right.table_count} of the tables. Choose that many at most.")
        if right.type_id is not None and any(place.type_id != right.type_id for place in places):
            raise TablesNotOnSale("Your offer is for another kind of table. Choose one of the kind you asked for.")
        return
    if mode is SellingMode.APPLICATION:
        raise TablesNotOnSale("Tables at this show are given out by application. Apply on the show’s page.")
    waves = [queries.wave_of(row) for row in queries.list_waves(db_session, event_id=event.id)]
    if waves:
        _check_waves(db_session, event, waves, person_id, now)


def _check_waves(
    db_session: Session, event: Event, waves: Sequence[Wave], person_id: int | None, now: datetime
) -> None:
    chance = first_chance(waves, queries.wave_buyer(db_session, event=event, person_id=person_id))
    if chance is not None and now >= chance.opens_at:
        return
    if chance is not None:
        opens = from_moment(chance.opens_at, event.time_zone, event.locale)
        hint = "" if person_id is not None else " Sign in if you are in an earlier wave."
        raise TablesNotOnSale(f"Tables are sold in waves. You can buy from {opens} on (“{chance.name}”).{hint}")
    raise TablesNotOnSale("Tables are sold in waves, and you are in none of them. Sign in, or write to the organizer.")
