"""What the vendor's page and the organizer's pages show of an application. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.events.queries import list_sale_periods
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.queries import is_over_time
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import asked, fees, queries
from swapmeet.vendor_tables.applications.forms import ANY_TYPE, ApplicationForm
from swapmeet.vendor_tables.applications.models import (
    Application,
    ApplicationPhoto,
    ApplicationTie,
    SaleWave,
    SellingMode,
    TieKind,
    VendorSelling,
    VendorStanding,
)
from swapmeet.vendor_tables.applications.services import offers, rights
from swapmeet.vendor_tables.applications.states import ApplicationState, seen_by_vendor, state_kind
from swapmeet.vendor_tables.applications.waves import Wave, first_chance
from swapmeet.vendor_tables.applications.wishes import ShownWish, WishFloor, load_wish_floor, show_wishes
from swapmeet.vendor_tables.models import Reservation
from swapmeet.vendor_tables.prices import PriceTags, list_rule_words, load_tags, then_words
from swapmeet.vendor_tables.words import sentence
from swapmeet.web.filters import day, until_moment

SENT_WORDS = {
    ApplicationState.SUBMITTED: "The organizer has it. You will find the answer on this page.",
    ApplicationState.DECLINED: "The organizer could not give you a table this time.",
    ApplicationState.LAPSED: "The time to accept the offer is over, and the table has gone to somebody else.",
    ApplicationState.WITHDRAWN: "You have taken it back.",
    ApplicationState.CONFIRMED: "Your table is confirmed.",
    ApplicationState.CANCELED: "It was canceled after it had been confirmed.",
    ApplicationState.CHECKED_IN: "You have arrived. A good show to you!",
    ApplicationState.DEPARTED: "You have left the show. Thank you for coming.",
    ApplicationState.NO_SHOW: "You were not there in time, so your table was given up.",
}


@dataclass(frozen=True)
class OfferedTable:
    """One table of an offer, with the price that was promised."""

    label: str
    detail: str
    price_minor: int


@dataclass(frozen=True)
class ListedKind:
    """One kind of table in the price list: what one more costs this vendor today, until when, and the rules behind it."""

    name: str
    price_minor: int
    then: str
    rules: Sequence[str]


@dataclass
class OwnPage:
    """A vendor's own application as their page shows it. `asks` are those who would like to stand near them."""

    event: Event
    selling: VendorSelling | None
    application: Application | None
    now: datetime
    standing: str  # "open", "late", "not_yet", "over" or "none"
    wishes: Sequence[ShownWish] = ()
    asks: Sequence[tuple[ApplicationTie, Application]] = ()
    position: tuple[int, int] | None = None
    in_line: WaitingEntry | None = None  # the place on the waiting list while it counts
    offered: Sequence[OfferedTable] = ()
    taken_up: Order | None = None  # the cart or the unpaid order that holds what was offered
    rights: Sequence[Reservation] = ()
    right_prices: Mapping[int, tuple[int, str]] = field(default_factory=dict)  # by place id: what it costs, until when
    waves: Sequence[SaleWave] = ()
    chance: Wave | None = None
    answers: Sequence[tuple[str, str]] = ()  # to the organizer's own questions
    photos: Sequence[ApplicationPhoto] = ()
    fee: fees.Fee | None = None

    @property
    def state(self) -> ApplicationState | None:
        return seen_by_vendor(self.application.state) if self.application is not None else None

    @property
    def kind(self) -> str:
        return state_kind(self.state) if self.state is not None else "info"

    @property
    def is_writable(self) -> bool:
        if self.application is None:
            return self.standing in ("open", "late", "not_yet")
        return self.application.is_writable_at(self.now) and self.event.state is EventState.PUBLISHED

    @property
    def words(self) -> str:
        """Where it stands, in a sentence or two."""
        application, zone = self.application, self.event.time_zone
        if application is None:
            return ""
        if self.position is not None:
            until = application.willing_until or self.event.first_day
            place, length = self.position
            return (
                f"You are number {place} of {length} on the waiting list for this kind of table. "
                f"A table is good for you until {day(until, self.event.locale)}. As soon as one that has what you need "
                "comes free and it is your turn, it is held for you and you get an e-mail."
            )
        if application.state is ApplicationState.CHANGES_REQUESTED:
            end = application.editable_until
            by = f" by {until_moment(end, zone, self.event.locale)}" if end is not None else ""
            return f"The organizer asks you to change something. Do so below and send it again{by}."
        if self.taken_up is not None and self.taken_up.state is OrderState.PLACED:
            return "You have ordered what was offered to you. It is yours as soon as the money is here."
        if application.state is ApplicationState.OFFERED and application.offer_expires_at is not None:
            what = (
                "There are tables for you"
                if len(application.places) > 1
                else "There is a table for you"
                if application.places
                else "You may choose your table on the plan"
            )
            return f"{what}. The offer is good until {until_moment(application.offer_expires_at, zone, self.event.locale)}."
        if application.state is ApplicationState.SUBMITTED and self.fee is not None and self.fee.standing != "paid":
            return "It has arrived and waits for the application fee. You will find the answer on this page."
        return SENT_WORDS.get(seen_by_vendor(application.state), "")

    @property
    def gone(self) -> list[str]:
        return [wish.label for wish in self.wishes if wish.is_gone]


def own_page(db_session: Session, *, event: Event, person_id: int | None, now: datetime) -> OwnPage:
    selling = queries.find_selling(db_session, event_id=event.id)
    found = queries.find_own(db_session, event_id=event.id, person_id=person_id) if person_id is not None else None
    page = OwnPage(event, selling, found, now, standing_at(event, selling, now))
    vendor = floor_queries.find_vendor_of(db_session, person_id=person_id) if person_id is not None else None
    if vendor is not None:
        page.rights = rights.list_rights(db_session, event_id=event.id, vendor_id=vendor.id, now=now)
        if page.rights:
            tags = own_tags(db_session, event=event, person_id=person_id, now=now)
            places = [row.place for row in page.rights]
            costs = zip(places, tags.prices(places), strict=True)
            page.right_prices = {place.id: (cost, then_words(event, tags.tag(place))) for place, cost in costs}
    if selling is not None and selling.mode is SellingMode.WAVES:
        page.waves = queries.list_waves(db_session, event_id=event.id)
        buyer = queries.wave_buyer(db_session, event=event, person_id=person_id)
        page.chance = first_chance([queries.wave_of(row) for row in page.waves], buyer)
    if found is not None:
        page.wishes = show_wishes(found.wishes, load_wish_floor(db_session, event_id=event.id))
        page.fee = fees.standing_of(db_session, found)
        page.photos = queries.list_photos(db_session, application_id=found.id)
        page.answers = asked.said(asked.blocks_for(db_session, event, found.answers))
        if found.state is not ApplicationState.DRAFT:
            page.asks = queries.list_asked_ties(db_session, found)
        if found.state is ApplicationState.OFFERED:
            page.offered = _offered(db_session, event, found, now)
            page.taken_up = offers.find_taken_up(db_session, found, now)
        page.in_line = _in_line(db_session, found, now)
        if found.state is ApplicationState.WAITLISTED:
            page.position = queries.position_on_list(db_session, found)
    return page


def _in_line(db_session: Session, application: Application, now: datetime) -> WaitingEntry | None:
    """The place on the list of one who waits, or the offer of the list that holds tables for them."""
    entry = queries.find_entry(db_session, application.id)
    if entry is None:
        return None
    if entry.state is WaitState.WAITING:
        return entry if application.state is ApplicationState.WAITLISTED else None
    is_open = entry.state is WaitState.OFFERED and not is_over_time(entry, now)
    can_return = entry.state in (WaitState.LAPSED, WaitState.DECLINED)
    over = (ApplicationState.LAPSED, ApplicationState.WITHDRAWN)
    return entry if is_open or (can_return and application.state in over) else None


def own_tags(db_session: Session, *, event: Event, person_id: int | None, now: datetime) -> PriceTags:
    """What tables cost this person at this show today."""
    owned = floor_queries.list_owned(db_session, event_id=event.id, person_id=person_id, cart_id=None, now=now)
    return load_tags(db_session, event=event, now=now, person_id=person_id, owned=[item.type_id for item in owned])


def price_list(db_session: Session, *, event: Event, person_id: int | None, now: datetime) -> list[ListedKind]:
    """Every kind of table with what it costs anywhere on the floor, and every rule of its price in words."""
    tags = own_tags(db_session, event=event, person_id=person_id, now=now)
    types = floor_queries.list_types(db_session, event_id=event.id)
    rules = list_rule_words(db_session, tags, types, with_plain=False)
    priced = [(kind, tags.tag_anywhere(kind)) for kind in types]
    return [ListedKind(kind.name, tag.minor, then_words(event, tag), rules[kind.id]) for kind, tag in priced]


def _offered(db_session: Session, event: Event, application: Application, now: datetime) -> list[OfferedTable]:
    prices = application.snapshot.get("offer", {}).get("tables", {})
    places = floor_queries.list_places_by_id(db_session, event_id=application.event_id, ids=application.places)
    tags = own_tags(db_session, event=event, person_id=application.vendor.person_id, now=now)
    return [
        OfferedTable(
            place.label,
            sentence([place.type.name, place.plan.hall.name]),
            int(prices.get(str(place.id), cost)),
        )
        for place, cost in zip(places, tags.prices(places), strict=True)
    ]


def standing_at(event: Event, selling: Any, now: datetime) -> str:
    """Whether applications are taken: "open", "late" (onto the waiting list), "not_yet", "over" or "none".

    `selling` is a VendorSelling, or what `find_window` says.
    """
    if selling is None or selling.mode is SellingMode.DIRECT:
        return "none"
    if event.state is not EventState.PUBLISHED:
        return "over"
    if selling.opens_at is not None and now < selling.opens_at:
        return "not_yet"
    if selling.closes_at is not None and now >= selling.closes_at:
        return "late" if selling.takes_late else "over"
    return "open"


def fill_choices(db_session: Session, form: ApplicationForm, *, event: Event) -> WishFloor:
    """Set the choices of kinds, categories and times; returns the floor that wishes are read on."""
    types = floor_queries.list_types(db_session, event_id=event.id)
    periods = floor_queries.periods_for(types, list_sale_periods(db_session, event_id=event.id))
    categories = queries.list_categories(db_session, event_id=event.id)
    form.type_id.choices = [ANY_TYPE, *((str(kind.id), kind.name) for kind in types)]
    form.category_id.choices = [("", "Please choose"), *((str(each.id), each.name) for each in categories)]
    form.sale_period_id.choices = [(str(period.id), period.label) for period in periods]
    if len(periods) < 2:
        form.sale_period_id.data = periods[0].id if periods else None
        form.sale_period_id.choices = [("", ""), *form.sale_period_id.choices]
    return load_wish_floor(db_session, event_id=event.id)


@dataclass(frozen=True)
class TeamPage:
    """One application for the team. Ties away are here and nowhere else."""

    application: Application
    wishes: Sequence[ShownWish]
    asked: Sequence[tuple[ApplicationTie, Application]]
    standing: VendorStanding | None
    position: tuple[int, int] | None
    answers: Sequence[tuple[str, str]]
    photos: Sequence[ApplicationPhoto]

    @property
    def near(self) -> list[ApplicationTie]:
        return [tie for tie in self.application.ties if tie.kind is TieKind.NEAR]

    @property
    def away(self) -> list[ApplicationTie]:
        return [tie for tie in self.application.ties if tie.kind is TieKind.AWAY]


def team_page(db_session: Session, *, application: Application) -> TeamPage:
    standings = queries.standings_of(
        db_session, organizer_id=application.event.organizer_id, vendor_ids=[application.vendor_id]
    )
    waits = application.state is ApplicationState.WAITLISTED
    return TeamPage(
        application=application,
        wishes=show_wishes(application.wishes, load_wish_floor(db_session, event_id=application.event_id)),
        asked=queries.list_asked_ties(db_session, application),
        standing=standings.get(application.vendor_id),
        position=queries.position_on_list(db_session, application) if waits else None,
        answers=asked.said(asked.blocks_for(db_session, application.event, application.answers)),
        photos=queries.list_photos(db_session, application_id=application.id),
    )
