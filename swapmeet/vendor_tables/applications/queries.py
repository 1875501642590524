"""Reads of applications, categories and what a club knows of a vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event
from swapmeet.infra.search import words_of
from swapmeet.orders.waitlist.models import WaitingEntry
from swapmeet.orders.waitlist.queries import position_of
from swapmeet.vendor_tables.applications.errors import NoApplication, NoSuchCategory, NoSuchWave
from swapmeet.vendor_tables.applications.models import (
    Application,
    ApplicationInLine,
    ApplicationPhoto,
    ApplicationScore,
    ApplicationTie,
    Decision,
    SaleWave,
    SellingMode,
    TieKind,
    VendorCategory,
    VendorSelling,
    VendorStanding,
    WavePass,
)
from swapmeet.vendor_tables.applications.states import DECIDABLE, PLACED, ApplicationState
from swapmeet.vendor_tables.applications.waves import Buyer, Wave, is_in
from swapmeet.vendor_tables.models import Vendor

HIDDEN = (ApplicationState.DRAFT,)  # the team sees what was sent


def find_selling(db_session: Session, *, event_id: int) -> VendorSelling | None:
    return db_session.get(VendorSelling, event_id)


@cache
def _windows() -> Any:
    """Built once: this stands on every show's page."""
    return select(VendorSelling.mode, VendorSelling.opens_at, VendorSelling.closes_at, VendorSelling.takes_late).where(
        VendorSelling.event_id == bindparam("event_id"), VendorSelling.mode != SellingMode.DIRECT
    )


def find_window(db_session: Session, *, event_id: int) -> Any:
    """When vendors can apply (mode, opens_at, closes_at, takes_late); None where tables are sold without that."""
    return db_session.execute(_windows(), {"event_id": event_id}).one_or_none()


def mode_of(db_session: Session, *, event_id: int) -> SellingMode:
    """How this show gives out tables."""
    row = find_selling(db_session, event_id=event_id)
    return row.mode if row is not None else SellingMode.DIRECT


def list_categories(db_session: Session, *, event_id: int) -> list[VendorCategory]:
    """By position, then id."""
    statement = select(VendorCategory).where(VendorCategory.event_id == event_id)
    return list(db_session.scalars(statement.order_by(VendorCategory.position, VendorCategory.id)))


def get_category(db_session: Session, *, event_id: int, category_id: int) -> VendorCategory:
    """Raises NoSuchCategory."""
    found = db_session.scalar(
        select(VendorCategory).where(VendorCategory.event_id == event_id, VendorCategory.id == category_id)
    )
    if found is None:
        raise NoSuchCategory("There is no such kind of wares at this show.")
    return found


def _whole() -> Select[Any]:
    return select(Application).options(
        joinedload(Application.vendor).joinedload(Vendor.person),
        joinedload(Application.category),
        joinedload(Application.type),
        joinedload(Application.period),
        selectinload(Application.wishes),
        selectinload(Application.ties).joinedload(ApplicationTie.other),
    )


def find_own(db_session: Session, *, event_id: int, person_id: int) -> Application | None:
    """A person's own application at a show, whatever has become of it."""
    statement = _whole().join(Vendor, Vendor.id == Application.vendor_id)
    found: Application | None = db_session.scalar(
        statement.where(Application.event_id == event_id, Vendor.person_id == person_id)
    )
    return found


def get_application(db_session: Session, *, event_id: int, application_id: int) -> Application:
    """One that was sent, for the team. Raises NoApplication."""
    found: Application | None = db_session.scalar(
        _whole().where(
            Application.event_id == event_id,
            Application.id == application_id,
            Application.state.not_in(HIDDEN),
            Application.submitted_at.is_not(None),
        )
    )
    if found is None:
        raise NoApplication("There is no such application at this show.")
    return found


@dataclass(frozen=True)
class ApplicationFilter:
    """What the organizer's list is narrowed by; empty values mean everything."""

    words: str = ""
    state: ApplicationState | None = None
    category_id: int | None = None
    decision: str = ""  # a Decision, or "none"

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.state or self.category_id or self.decision)


def filtered(event_id: int, wanted: ApplicationFilter) -> Select[Any]:
    """Applications that were sent, by when, then id."""
    statement = _whole().where(Application.event_id == event_id, Application.submitted_at.is_not(None))
    if wanted.state is not None:
        statement = statement.where(Application.state == wanted.state)
    if wanted.category_id is not None:
        statement = statement.where(Application.category_id == wanted.category_id)
    if wanted.decision == "none":
        statement = statement.where(Application.decision.is_(None))
    elif wanted.decision:
        statement = statement.where(Application.decision == Decision(wanted.decision))
    for word in words_of(wanted.words):
        places = (
            func.lower(column).contains(word, autoescape=True) for column in (Application.name, Application.sells)
        )
        statement = statement.where(or_(*places))
    return statement.order_by(Application.submitted_at, Application.id)


def count_by_state(db_session: Session, *, event_id: int) -> dict[ApplicationState, int]:
    """Of those that were sent."""
    statement = (
        select(Application.state, func.count())
        .where(Application.event_id == event_id, Application.submitted_at.is_not(None))
        .group_by(Application.state)
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}


def find_entry(db_session: Session, application_id: int) -> WaitingEntry | None:
    """The place in line an application took last, whatever has become of it."""
    return db_session.scalar(
        select(WaitingEntry)
        .join(ApplicationInLine, ApplicationInLine.entry_id == WaitingEntry.id)
        .where(ApplicationInLine.application_id == application_id)
    )


def position_on_list(db_session: Session, application: Application) -> tuple[int, int] | None:
    """(place, length) among all who wait for such a table, with or without an application; None where nobody can."""
    entry = find_entry(db_session, application.id)
    position = position_of(db_session, entry) if entry is not None else None
    return (position.number, position.length) if position is not None else None


@dataclass(frozen=True)
class CategoryUse:
    """How many tables of a category are promised (offered or confirmed), meant (decided, not sent) and asked for."""

    category: VendorCategory
    given: int
    meant: int
    asked: int

    @property
    def is_over(self) -> bool:
        most = self.category.most_tables
        return most is not None and self.given + self.meant > most


def category_uses(db_session: Session, *, event_id: int) -> list[CategoryUse]:
    """In the order of the categories."""
    taken = Application.state.in_([ApplicationState.OFFERED, *PLACED])
    meant = Application.decision == Decision.OFFER
    open_ = Application.state.in_(
        [ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW, ApplicationState.CHANGES_REQUESTED]
    )
    statement = (
        select(
            Application.category_id,
            *(
                func.coalesce(func.sum(case((wanted, Application.table_count), else_=0)), 0)
                for wanted in (taken, meant, open_)
            ),
        )
        .where(Application.event_id == event_id)
        .group_by(Application.category_id)
    )
    sums = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in db_session.execute(statement)}
    return [
        CategoryUse(category, *sums.get(category.id, (0, 0, 0)))
        for category in list_categories(db_session, event_id=event_id)
    ]


def list_asked_ties(db_session: Session, application: Application) -> list[tuple[ApplicationTie, Application]]:
    """Others at this show who would like to stand near this one, oldest first. Who keeps away is never listed here."""
    statement = (
        select(ApplicationTie, Application)
        .join(Application, Application.id == ApplicationTie.application_id)
        .where(
            ApplicationTie.other_id == application.id,
            ApplicationTie.kind == TieKind.NEAR,
            Application.state.not_in([ApplicationState.DRAFT, ApplicationState.WITHDRAWN, ApplicationState.CANCELED]),
        )
        .order_by(ApplicationTie.id)
    )
    return [(tie, other) for tie, other in db_session.execute(statement)]


def list_own(db_session: Session, *, person_id: int) -> list[Application]:
    """A person's applications at all shows, newest show first."""
    statement = (
        _whole()
        .join(Vendor, Vendor.id == Application.vendor_id)
        .join(Event, Event.id == Application.event_id)
        .where(Vendor.person_id == person_id)
        .order_by(Event.first_day.desc(), Application.id)
    )
    return list(db_session.scalars(statement))


def standings_of(db_session: Session, *, organizer_id: int, vendor_ids: Sequence[int]) -> dict[int, VendorStanding]:
    """By vendor id, of those the club has written something about."""
    statement = select(VendorStanding).where(
        VendorStanding.organizer_id == organizer_id, VendorStanding.vendor_id.in_(list(vendor_ids))
    )
    return {row.vendor_id: row for row in db_session.scalars(statement)}


def list_photos(db_session: Session, *, application_id: int) -> list[ApplicationPhoto]:
    """By id: in the order in which they were sent."""
    statement = select(ApplicationPhoto).where(ApplicationPhoto.application_id == application_id)
    return list(db_session.scalars(statement.order_by(ApplicationPhoto.id)))


def get_photo(db_session: Session, *, application_id: int, photo_id: int) -> ApplicationPhoto:
    """Raises NoApplication for a photo of another application."""
    found = db_session.get(ApplicationPhoto, photo_id)
    if found is None or found.application_id != application_id:
        raise NoApplication("There is no such photo.")
    return found


def list_waves(db_session: Session, *, event_id: int) -> list[SaleWave]:
    """By when they open, then id."""
    statement = select(SaleWave).where(SaleWave.event_id == event_id).order_by(SaleWave.opens_at, SaleWave.id)
    return list(db_session.scalars(statement))


def get_wave(db_session: Session, *, event_id: int, wave_id: int) -> SaleWave:
    """Raises NoSuchWave."""
    found = db_session.scalar(select(SaleWave).where(SaleWave.event_id == event_id, SaleWave.id == wave_id))
    if found is None:
        raise NoSuchWave("There is no such wave at this show.")
    return found


def wave_buyer(db_session: Session, *, event: Event, person_id: int | None) -> Buyer:
    """What decides in which waves somebody is."""
    if person_id is None:
        return Buyer()
    standing = db_session.scalar(
        select(VendorStanding)
        .join(Vendor, Vendor.id == VendorStanding.vendor_id)
        .where(Vendor.person_id == person_id, VendorStanding.organizer_id == event.organizer_id)
    )
    passes = select(WavePass.wave_id).where(WavePass.person_id == person_id)
    return Buyer(
        points=standing.points if standing is not None else 0,
        is_member=standing is not None and standing.is_member,
        passes=frozenset(db_session.scalars(passes)),
    )


def wave_of(row: SaleWave) -> Wave:
    return Wave(row.id, row.name, row.kind.value, row.opens_at, row.min_points or 0)


def count_in_waves(db_session: Session, *, event: Event) -> dict[int, int | None]:
    """How many vendors the club knows to be in each wave; None for "everybody"."""
    standings = list(
        db_session.scalars(select(VendorStanding).where(VendorStanding.organizer_id == event.organizer_id))
    )
    given = (
        select(WavePass.wave_id, func.count())
        .join(SaleWave, SaleWave.id == WavePass.wave_id)
        .where(SaleWave.event_id == event.id)
        .group_by(WavePass.wave_id)
    )
    passes = {row[0]: row[1] for row in db_session.execute(given)}
    counts: dict[int, int | None] = {}
    for row in list_waves(db_session, event_id=event.id):
        wave = wave_of(row)
        known = sum(is_in(wave, Buyer(each.points, each.is_member)) for each in standings)
        counts[row.id] = {"everybody": None, "code": passes.get(row.id, 0)}.get(row.kind.value, known)
    return counts


def list_decided(db_session: Session, *, event_id: int) -> list[Application]:
    """Applications with a decision that is not sent yet, by id."""
    statement = _whole().where(Application.event_id == event_id, Application.decision.is_not(None))
    return list(db_session.scalars(statement.order_by(Application.id)))


def list_scores(db_session: Session, *, application_id: int) -> list[ApplicationScore]:
    """By id, with who gave them."""
    statement = (
        select(ApplicationScore)
        .where(ApplicationScore.application_id == application_id)
        .options(joinedload(ApplicationScore.reviewer))
        .order_by(ApplicationScore.id)
    )
    return list(db_session.scalars(statement))


@dataclass(frozen=True)
class Scored:
    """The scores of one application together."""

    mean: float
    count: int
    low: int
    high: int


def scores_of(db_session: Session, *, event_id: int) -> dict[int, Scored]:
    """By application id; conflicts do not count."""
    statement = (
        select(
            ApplicationScore.application_id,
            func.avg(ApplicationScore.score),
            func.count(ApplicationScore.score),
            func.min(ApplicationScore.score),
            func.max(ApplicationScore.score),
        )
        .where(ApplicationScore.event_id == event_id, ApplicationScore.score.is_not(None))
        .group_by(ApplicationScore.application_id)
    )
    return {row[0]: Scored(float(row[1]), row[2], row[3], row[4]) for row in db_session.execute(statement)}


def list_to_score(
    db_session: Session, *, event_id: int, reviewer_id: int
) -> list[tuple[Application, ApplicationScore | None]]:
    """Applications that wait for a decision, each with this reviewer's own score; one's own application is left out."""
    statement = (
        select(Application, ApplicationScore)
        .join(Vendor, Vendor.id == Application.vendor_id)
        .outerjoin(
            ApplicationScore,
            (ApplicationScore.application_id == Application.id) & (ApplicationScore.reviewer_id == reviewer_id),
        )
        .options(joinedload(Application.category))
        .where(
            Application.event_id == event_id,
            Application.state.in_(DECIDABLE),
            (Vendor.person_id != reviewer_id) | Vendor.person_id.is_(None),
        )
        .order_by(Application.id)
    )
    return [(application, score) for application, score in db_session.execute(statement)]
