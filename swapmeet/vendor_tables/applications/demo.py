"""Demo: one show with applications in every state, scores, decisions that are not sent, and waves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra import demo_pictures, pictures
from swapmeet.infra.codes import link_key
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.orders.demo_buying import actor_of, hold, pay, place
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Wish
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import open_cart
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import asked, fees
from swapmeet.vendor_tables.applications.models import Application, ApplicationPhoto, Decision, SellingMode, WaveKind
from swapmeet.vendor_tables.applications.services import (
    deciding,
    handling,
    offers,
    photos,
    scoring,
    selling_waves,
    writing,
)
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.services.writing import Written
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from swapmeet.vendor_tables.applications.wishes import WishFloor, load_wish_floor, read_wishes
from swapmeet.vendor_tables.demo_vendors import sample_vendors
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.queries import WHOLE

S = ApplicationState
FATES = (
    S.DRAFT, S.SUBMITTED, S.SUBMITTED, S.SUBMITTED, S.IN_REVIEW, S.IN_REVIEW, S.IN_REVIEW, S.CHANGES_REQUESTED,
    S.WAITLISTED, S.WAITLISTED, S.OFFERED, S.DECLINED, S.LAPSED, S.WITHDRAWN, S.CONFIRMED, S.CANCELED, S.CHECKED_IN,
    S.DEPARTED, S.NO_SHOW,
)  # fmt: skip
SHOWING = (S.SUBMITTED, S.IN_REVIEW)  # with a photo
PAID = (S.CONFIRMED, S.CANCELED, S.CHECKED_IN, S.DEPARTED, S.NO_SHOW)
KINDS = (("Furniture and rooms", 40), ("Lighting", 12), ("Figures and dolls", None), ("Railway", 20), ("Tools", 8))
WAITS = {S.IN_REVIEW: (S.IN_REVIEW,), S.WAITLISTED: (S.WAITLISTED,), S.DECLINED: (S.DECLINED,)}
LAST_STEPS = {
    S.CHECKED_IN: (S.CHECKED_IN,),
    S.DEPARTED: (S.CHECKED_IN, S.DEPARTED),
    S.NO_SHOW: (S.NO_SHOW,),
}


def fill(db_session: Session, stage: Stage) -> None:
    """The show with most free tables takes applications beside its sale; without a show of that size nothing happens."""
    found = [_room(db_session, event) for event in stage.events if event.state is EventState.PUBLISHED]
    event, free = max(found, key=lambda pair: len(pair[1]), default=(None, []))
    if event is None or len(free) < len(FATES) + 4:
        return
    team = stage.accounts["organizer"]
    _Play(db_session, stage, event, iter(free), Actor.person(team.id, team.name)).run()


def _room(db_session: Session, event: Event) -> tuple[Event, list[TablePlace]]:
    """A show and its tables that nobody has had for the whole of it: what came back goes to the waiting list."""
    places = [
        row
        for row in floor_queries.list_places(db_session, event_id=event.id)
        if row.is_sellable and not row.type.sold_by_period
    ]
    whole = next((each for each in list_sale_periods(db_session, event_id=event.id) if each.code == WHOLE), None)
    if whole is None:
        return event, []
    had = set(db_session.scalars(select(Reservation.place_id).where(Reservation.event_id == event.id)))
    return event, [row for row in places if row.id not in had]


class _Play:
    """One show's applications, one fate after the other."""

    def __init__(
        self, db_session: Session, stage: Stage, event: Event, free: Iterator[TablePlace], team: Actor
    ) -> None:
        self.db_session, self.stage, self.event, self.free, self.team = db_session, stage, event, free, team
        self.began = stage.now - timedelta(days=40)
        self.floor: WishFloor = load_wish_floor(db_session, event_id=event.id)
        self.kinds: list[int] = []
        self.pictures: dict[str, dict[str, bytes]] = {}

    def run(self) -> None:
        db_session, now = self.db_session, self.stage.now
        handling.save_selling(
            db_session,
            event=self.event,
            values={"mode": SellingMode.WAVES, "is_blind": True, "closes_at": now + timedelta(days=9)},
            by=self.team,
            now=self.began,
        )
        for name, most in KINDS:
            self.kinds.append(
                handling.save_category(
                    db_session, event=self.event, category_id=None, name=name, most_tables=most, by=self.team, now=self.began
                ).id
            )  # fmt: skip
        selling_waves.add_wave(
            db_session, event=self.event, name="Everybody", kind=WaveKind.EVERYBODY,
            opens_at=self.began, min_points=None, code="", by=self.team, now=self.began,
        )  # fmt: skip
        people = self.stage.people[-len(FATES) :]
        for number, (person, fate, vendor) in enumerate(zip(people, FATES, sample_vendors(), strict=False)):
            self._apply(number, person, fate, vendor)
        self._fees(len(FATES))

    def _fees(self, first: int) -> None:
        """Those who apply from now on pay for being looked at: one has not yet, one has sent a check, one has paid."""
        at = self.stage.now - timedelta(days=3)
        values = {"fee_minor": 1500, "fee_policy": fees.FeePolicy.DECLINED.value}
        handling.save_selling(self.db_session, event=self.event, values=values, by=self.team, now=at)
        people = (self.stage.accounts.get("attendee"), self.stage.accounts.get("trader"), self.stage.people[0])
        names: tuple[tuple[str, str, list[str]], ...] = (
            ("Archer Dolls", "dolls, dressed", []),
            ("Tolbert Trams", "trams in HO", []),
            sample_vendors()[first],
        )
        for number, (person, vendor) in enumerate(zip(people, names, strict=True)):
            if person is None:
                continue
            written = self._written(first + number, vendor, next(self.free))
            row = writing.send(
                self.db_session, event=self.event, person_id=person.id, written=written, by=actor_of(person), now=at
            )
            wishes = [Wish(fees.KIND, row.id)]
            held = hold(self.db_session, event=self.event, person=person, wishes=wishes, at=at) if number else None
            if held is not None:
                order = place(
                    self.db_session, event=self.event, person=person, cart=held[0], method=PayMethod.CHECK, answers={},
                    at=at,
                )  # fmt: skip
                if number == 2:
                    pay(self.db_session, self.stage, order, reference="7002", at=at + timedelta(days=1))

    def _apply(self, number: int, person: Any, fate: ApplicationState, vendor: tuple[str, str, list[str]]) -> None:
        at = self.began + timedelta(hours=7 * number + 1)
        table = next(self.free)
        row = (writing.save_draft if fate is S.DRAFT else writing.send)(
            self.db_session,
            event=self.event,
            person_id=person.id,
            written=self._written(number, vendor, table),
            by=actor_of(person),
            now=at,
        )
        row.vendor.person = person
        if fate in PAID:
            self._sell(row, person, table, fate, at)
        elif fate in (S.OFFERED, S.LAPSED):
            self._offer(row, table, self.stage.now - timedelta(hours=20) if fate is S.OFFERED else at)
            if fate is S.LAPSED:
                offers.run_clocks(self.db_session, now=self.stage.now - timedelta(days=1))
        elif fate is S.WITHDRAWN:
            offers.withdraw(self.db_session, application=row, reason="Another show", by=actor_of(person), now=at)
        elif fate is S.CHANGES_REQUESTED:
            self._step(row, fate, at, "Please say which of your lines you will bring.", until=timedelta(days=60))
        else:
            for target in WAITS.get(fate, ()):
                self._step(row, target, at, "" if target is S.IN_REVIEW else "Thank you for applying.")
        if fate in SHOWING:
            self._show(row, number, at)
        if fate is S.IN_REVIEW:
            self._judge(row, number, at)

    def _written(self, number: int, vendor: tuple[str, str, list[str]], table: TablePlace) -> Written:
        names = [name for name, _, _ in sample_vendors()]
        wishes = [("wish_1", table.label), ("wish_2", f"Row {table.row}" if table.row else "")]
        columns = {
            "name": vendor[0],
            "sells": vendor[1],
            "about": "I make everything at my own bench, in small runs.",
            "category_id": self.kinds[number % len(self.kinds)],
            "type_id": table.type_id,
            "table_count": 1 + number % 2,
            "power_amps": 3 if number % 4 == 0 else 0,
            "wants_corner": number % 5 == 0,
        }
        near = [names[number + 1]] if number % 3 == 1 else []
        return Written(columns, read_wishes(wishes, self.floor), near, answers=self._answers(number))

    def _answers(self, number: int) -> dict[str, Any]:
        """To the first yes-or-no question and to each list."""
        asks = [each for block in asked.blocks_for(self.db_session, self.event, {}) for each in block.questions]
        picks = {each.key: each.options[number % len(each.options)] for each in asks if each.options}
        return picks | {each.key: number % 3 == 0 for each in asks if each.is_required}

    def _show(self, row: Application, number: int, at: datetime) -> None:
        """A drawn photo through the same encoder as everybody's."""
        sketch = ("house", "lamp", "chair")[number % 3]
        if sketch not in self.pictures:
            encoded = pictures.encode(demo_pictures.draw_photo(sketch, 0))
            self.pictures[sketch] = {"large": encoded.large, "small": encoded.small}
        photo = ApplicationPhoto(
            event_id=row.event_id, application_id=row.id, alt="My table, from the front", created_at=at
        )
        self.db_session.add(photo)
        self.db_session.flush()
        photos.attach(self.db_session, photo, self.pictures[sketch], now=at)

    def _step(
        self, row: Application, target: ApplicationState, at: datetime, message: str, until: timedelta | None = None
    ) -> None:
        handling.take_step(
            self.db_session,
            application=row,
            target=target,
            seen=None,
            word=handling.Word("", message),
            by=self.team,
            now=at + timedelta(hours=3),
            editable_until=at + until if until is not None else None,
        )

    def _offer(self, row: Application, table: TablePlace, at: datetime) -> None:
        offers.make_offer(
            self.db_session,
            event=self.event,
            application=row,
            places=[table],
            expires_at=at + timedelta(hours=120),
            message="We would be glad to have you.",
            by=self.team,
            now=at + timedelta(hours=5),
        )

    def _sell(self, row: Application, person: Any, table: TablePlace, fate: ApplicationState, at: datetime) -> None:
        db_session, bought = self.db_session, at + timedelta(hours=9)
        self._offer(row, table, at)
        cart = open_cart(db_session, event=self.event, person_id=person.id, cart_key=link_key(), now=bought)
        offers.take_up(db_session, event=self.event, application=row, cart=cart, by=actor_of(person), now=bought)
        first = min(line.id for line in list_live_lines(db_session, cart))
        answers = {first: {f"line-{first}-vendor": row.name, f"line-{first}-sells": row.sells}}
        order = place(
            db_session, event=self.event, person=person, cart=cart, method=PayMethod.CHECK, answers=answers,
            at=bought + timedelta(minutes=5),
        )  # fmt: skip
        pay(db_session, self.stage, order, reference="7001", at=bought + timedelta(days=1))
        if fate is S.CANCELED:
            self._cancel(order, person, bought + timedelta(days=3))
        for target in LAST_STEPS.get(fate, ()):
            move(
                db_session, application=row, target=target, mover=Mover.STAFF, by=self.team, now=self.stage.now,
            )  # fmt: skip

    def _cancel(self, order: Order, person: Any, at: datetime) -> None:
        preview = preview_cancellation(self.db_session, event=self.event, order=order, now=at)
        cancel_order(
            self.db_session,
            event=self.event,
            order=order,
            seen_back_minor=preview.back_minor,
            reason="Our van broke down.",
            by=actor_of(person),
            now=at,
        )

    def _judge(self, row: Application, number: int, at: datetime) -> None:
        """Scores of the team, and a decision that nobody has been told."""
        for key, score in (("organizer", 5 + number % 5), ("treasurer", 9 - number % 4)):
            person = self.stage.accounts[key]
            scoring.save_score(
                self.db_session, application=row, reviewer_id=person.id, score=score, has_conflict=False, note="",
                by=actor_of(person), now=at + timedelta(days=1),
            )  # fmt: skip
        decision = (Decision.OFFER, Decision.WAITLIST, Decision.DECLINE)[number % 3]
        meant = deciding.Meant(
            decision, "Thank you for your patience.", [next(self.free)] if decision is Decision.OFFER else []
        )
        deciding.decide(
            self.db_session, application=row, meant=meant, seen=row.moves, seen_decision="", by=self.team,
            now=at + timedelta(days=2),
        )  # fmt: skip
