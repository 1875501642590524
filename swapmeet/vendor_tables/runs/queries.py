"""Reads of runs, seats and draws."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.infra.search import words_of
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.models import Vendor
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.runs.errors import NoSuchRun
from swapmeet.vendor_tables.runs.models import LIVE, PlacingDraw, PlacingRun, PlacingSeat, RunState
from swapmeet.web.paging import Page, paginate


def list_runs(db_session: Session, *, event_id: int) -> list[PlacingRun]:
    """The newest first."""
    statement = select(PlacingRun).where(PlacingRun.event_id == event_id).order_by(PlacingRun.number.desc())
    return list(db_session.scalars(statement.options(joinedload(PlacingRun.period), joinedload(PlacingRun.draw))))


def get_run(db_session: Session, *, event_id: int, run_id: int) -> PlacingRun:
    """Raises NoSuchRun."""
    run = db_session.scalar(
        select(PlacingRun)
        .where(PlacingRun.event_id == event_id, PlacingRun.id == run_id)
        .options(joinedload(PlacingRun.period), joinedload(PlacingRun.draw))
    )
    if run is None:
        raise NoSuchRun("There is no such run at this show.")
    return run


def find_live(db_session: Session, *, event_id: int, rule: Rule) -> PlacingRun | None:
    """The run by this rule that has not ended."""
    return db_session.scalar(
        select(PlacingRun).where(PlacingRun.event_id == event_id, PlacingRun.rule == rule, PlacingRun.state.in_(LIVE))
    )


def last_number(db_session: Session, *, event_id: int) -> int:
    return db_session.scalar(select(func.max(PlacingRun.number)).where(PlacingRun.event_id == event_id)) or 0


def newest_of_rules(runs: Sequence[PlacingRun]) -> list[PlacingRun]:
    """Of each rule the newest run that has a result, in the order of the rules. `runs` are newest first."""
    found: dict[Rule, PlacingRun] = {}
    for run in runs:
        if run.state in (RunState.DONE, RunState.ACCEPTED):
            found.setdefault(run.rule, run)
    return [found[rule] for rule in Rule if rule in found]


def find_sealed(db_session: Session, *, event_id: int) -> PlacingDraw | None:
    """The draw whose seed nobody has seen."""
    return db_session.scalar(
        select(PlacingDraw).where(PlacingDraw.event_id == event_id, PlacingDraw.shown_at.is_(None))
    )


def list_draws(db_session: Session, *, event_id: int) -> list[PlacingDraw]:
    """The newest first."""
    statement = select(PlacingDraw).where(PlacingDraw.event_id == event_id)
    return list(db_session.scalars(statement.order_by(PlacingDraw.number.desc())))


def find_accepted_by(db_session: Session, *, draw_id: int) -> PlacingRun | None:
    """The accepted run that opened a draw."""
    return db_session.scalar(
        select(PlacingRun).where(PlacingRun.draw_id == draw_id, PlacingRun.state == RunState.ACCEPTED)
    )


def list_seats(db_session: Session, *, run_id: int) -> list[PlacingSeat]:
    """With their applications, by name."""
    statement = (
        select(PlacingSeat)
        .join(Application, Application.id == PlacingSeat.application_id)
        .where(PlacingSeat.run_id == run_id)
        .options(joinedload(PlacingSeat.application).joinedload(Application.vendor).joinedload(Vendor.person))
        .order_by(func.lower(Application.name), Application.id)
    )
    return list(db_session.scalars(statement))


def page_of_seats(db_session: Session, *, run_id: int, words: str, only: str, number: int) -> Page:
    """The vendors of a run by name; `only` is "" or "left" for those without a place."""
    statement = (
        select(PlacingSeat)
        .join(Application, Application.id == PlacingSeat.application_id)
        .where(PlacingSeat.run_id == run_id)
        .options(joinedload(PlacingSeat.application))
        .order_by(func.lower(Application.name), Application.id)
    )
    if only == "left":
        statement = statement.where(PlacingSeat.places == [])
    for word in words_of(words):
        statement = statement.where(
            or_(
                *(
                    func.lower(column).contains(word, autoescape=True)
                    for column in (Application.name, Application.sells)
                )
            )
        )
    return paginate(db_session, statement, number=number)


def find_own_seat(db_session: Session, *, event_id: int, person_id: int) -> PlacingSeat | None:
    """What the last accepted run gave a person's application."""
    return db_session.scalar(
        select(PlacingSeat)
        .join(PlacingRun, PlacingRun.id == PlacingSeat.run_id)
        .join(Application, Application.id == PlacingSeat.application_id)
        .join(Vendor, Vendor.id == Application.vendor_id)
        .where(PlacingSeat.event_id == event_id, PlacingRun.state == RunState.ACCEPTED, Vendor.person_id == person_id)
        .options(joinedload(PlacingSeat.run).joinedload(PlacingRun.draw))
        .order_by(PlacingRun.number.desc())
        .limit(1)
    )
