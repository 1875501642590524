"""The organizer's pages of applications: the list, one application with its steps, and how the show gives out tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import SelectField

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, Invalid, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders.attempts import attempt
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees, pages, queries, states
from swapmeet.vendor_tables.applications.forms import (
    CategoryForm,
    ChangesForm,
    DecisionForm,
    NoteForm,
    OfferForm,
    SellingForm,
    StandingForm,
    StepForm,
)
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.queries import ApplicationFilter
from swapmeet.vendor_tables.applications.services import handling, offers
from swapmeet.vendor_tables.applications.states import LABELS, ApplicationState
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.words import length_words
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.paging import page_number, paginate

bp = Blueprint("applications_manage", __name__)

OFFER_HOURS = 120

# Steps that need nothing but a word. The others have pages of their own.
PLAIN = (
    ApplicationState.IN_REVIEW,
    ApplicationState.WAITLISTED,
    ApplicationState.DECLINED,
    ApplicationState.SUBMITTED,
    ApplicationState.CHECKED_IN,
    ApplicationState.DEPARTED,
)


class TargetForm(StepForm):
    """A plain step, named by the state it leads to."""

    target = SelectField("Step", choices=[(state.value, LABELS[state]) for state in PLAIN])


@bp.context_processor
def words() -> dict[str, Any]:
    return {"application_states": states, "length_words": length_words}


@bp.get("/manage/shows/<slug>/applications")
@requires(Permission.VENDORS_VIEW)
def list_applications(event: Event) -> ResponseReturnValue:
    """Who has applied, with filters."""
    db_session, wanted = db.session(), _filter()
    page = paginate(db_session, queries.filtered(event.id, wanted), number=page_number())
    return render_template(
        "vendor_tables/applications/list.html",
        event=event,
        page=page,
        wanted=wanted,
        counts=queries.count_by_state(db_session, event_id=event.id),
        categories=queries.list_categories(db_session, event_id=event.id),
        uses=queries.category_uses(db_session, event_id=event.id),
        mode=queries.mode_of(db_session, event_id=event.id),
        scores=queries.scores_of(db_session, event_id=event.id),
        decided=len(queries.list_decided(db_session, event_id=event.id)),
        unpaid=fees.unpaid_among(db_session, page.rows),
    )


def _filter() -> ApplicationFilter:
    """From the address; what makes no sense is left out."""
    known = {state.value for state in ApplicationState}
    state = request.args.get("state", "")
    decision = request.args.get("decision", "")
    return ApplicationFilter(
        words=request.args.get("q", "")[:200].replace("\x00", ""),
        state=ApplicationState(state) if state in known else None,
        category_id=whole(request.args.get("category"), 17),
        decision=decision if decision in ("offer", "waitlist", "decline", "none") else "",
    )


@bp.get("/manage/shows/<slug>/applications/<int:application_id>")
@requires(Permission.VENDORS_VIEW)
def show_application(event: Event, application_id: int) -> ResponseReturnValue:
    """One application, and what can be done with it."""
    return _page(event, application_id)


def _page(event: Event, application_id: int, forms: Mapping[str, Any] = MappingProxyType({})) -> str:
    """`forms` by name: those that came back with faults."""
    db_session = db.session()
    application = queries.get_application(db_session, event_id=event.id, application_id=application_id)
    page = pages.team_page(db_session, application=application)
    seen = {"seen": application.moves}
    blank = {
        "step": TargetForm(formdata=None, data=seen),
        "changes": event_form(
            ChangesForm, zone_name=event.time_zone, currency=event.currency, formdata=None, data=seen
        ),
        "offer": _offer_form(event, formdata=None, data={**seen, "expires_at": _deadline(event)}),
        "decision": DecisionForm(formdata=None, data=_meant(db_session, application)),
        "note": NoteForm(formdata=None, data={"staff_note": application.staff_note}),
        "standing": StandingForm(formdata=None, obj=page.standing),
    }
    shown = {**blank, **forms}
    for name, form in shown.items():
        _tell_apart(form, name)
    steps = [state for state in PLAIN if _is_open(application, state)]
    return render_template(
        "vendor_tables/applications/application.html",
        event=event,
        page=page,
        application=application,
        steps=steps,
        can_decide=application.state in states.DECIDABLE,
        scores=queries.list_scores(db_session, application_id=application.id),
        fee=fees.standing_of(db_session, application),
        can_offer=_is_open(application, ApplicationState.OFFERED),
        can_ask=states.APPLICATION_MACHINE.allows(application.state, ApplicationState.CHANGES_REQUESTED),
        **{f"{name}_form": form for name, form in shown.items()},
    )


def _tell_apart(form: Any, name: str) -> None:
    """Several forms of the page have fields of one name: each field needs an id of its own."""
    for field in form:
        field.id = f"{name}-{field.name}"


def _meant(db_session: Session, application: Application) -> dict[str, Any]:
    """The decision as its form shows it."""
    decision = application.decision.value if application.decision is not None else ""
    places = floor_queries.list_places_by_id(db_session, event_id=application.event_id, ids=application.places)
    return {
        "seen": application.moves,
        "seen_decision": decision,
        "decision": decision,
        "tables": ", ".join(place.label for place in places),
        "message": application.decision_message,
    }


def _is_open(application: Application, target: ApplicationState) -> bool:
    """Can the team take this step now? Waiting list and no are open for what nobody has looked into yet, too."""
    origin = application.state
    if origin is ApplicationState.SUBMITTED and target in (ApplicationState.WAITLISTED, ApplicationState.DECLINED):
        return True
    return states.Mover.STAFF in states.MOVES.get((origin, target), frozenset())


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/steps")
@requires(Permission.TABLES_EDIT)
def take_step(event: Event, application_id: int) -> ResponseReturnValue:
    """A plain step: read it, waiting list, no, open again, arrived, left."""
    form = TargetForm()

    def work(db_session: Session, application: Application) -> str:
        target = ApplicationState(form.target.data)
        handling.take_step(
            db_session, application=application, target=target, seen=form.seen.data, word=_word(form), by=actor(),
            now=utcnow(),
        )  # fmt: skip
        return f"{application.name}: {LABELS[target]}."

    return _do(event, application_id, "step", form, work)


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/changes")
@requires(Permission.TABLES_EDIT)
def ask_changes(event: Event, application_id: int) -> ResponseReturnValue:
    """Open the vendor's form again, until a time."""
    form = event_form(ChangesForm, zone_name=event.time_zone, currency=event.currency)

    def work(db_session: Session, application: Application) -> str:
        handling.take_step(
            db_session,
            application=application,
            target=ApplicationState.CHANGES_REQUESTED,
            seen=form.seen.data,
            word=_word(form),
            by=actor(),
            now=utcnow(),
            editable_until=form.editable_until.data,
        )
        return f"{application.name} can change the application now."

    return _do(event, application_id, "changes", form, work)


def _offer_form(event: Event, **kwargs: Any) -> Any:
    return event_form(OfferForm, zone_name=event.time_zone, currency=event.currency, **kwargs)


def _deadline(event: Event) -> datetime:
    """When an offer that is made now ends, unless somebody says otherwise: by the hour, rounded up to a full one."""
    selling = queries.find_selling(db.session(), event_id=event.id)
    ends = utcnow() + timedelta(hours=(selling.offer_hours if selling is not None else OFFER_HOURS) + 1)
    return ends.replace(minute=0, second=0, microsecond=0)


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/offers")
@requires(Permission.TABLES_EDIT)
def make_offer(event: Event, application_id: int) -> ResponseReturnValue:
    """Offer these tables until a time, or let the vendor pick."""
    form = _offer_form(event)

    def work(db_session: Session, application: Application) -> str:
        word = _word(form)
        offers.make_offer(
            db_session,
            event=application.event,
            application=application,
            places=_places(db_session, event.id, form.labels()),
            expires_at=form.expires_at.data,
            seen=form.seen.data,
            message=word.message,
            reason=word.reason,
            is_told=word.is_told,
            by=actor(),
            now=utcnow(),
        )
        return f"{application.name} has the offer."

    return _do(event, application_id, "offer", form, work)


def _places(db_session: Session, event_id: int, labels: Sequence[str]) -> list[TablePlace]:
    """Raises PlaceNotFound, naming the label that is not there."""
    ids = []
    for label in dict.fromkeys(labels):
        place = floor_queries.find_place_by_label(db_session, event_id=event_id, label=label)
        if place is None:
            raise Invalid(f"There is no table {label} at this show.", field="tables")
        ids.append(place.id)
    return floor_queries.list_places_by_id(db_session, event_id=event_id, ids=ids)


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/fee-waiver")
@requires(Permission.TABLES_EDIT)
def waive_fee(event: Event, application_id: int) -> ResponseReturnValue:
    """This vendor pays no application fee."""

    def work(db_session: Session, application: Application) -> str:
        handling.waive_fee(db_session, application=application, by=actor(), now=utcnow())
        return f"{application.name} pays no application fee."

    return _do(event, application_id, "note", NoteForm(), work)


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/note")
@requires(Permission.TABLES_EDIT)
def save_note(event: Event, application_id: int) -> ResponseReturnValue:
    form = NoteForm()

    def work(db_session: Session, application: Application) -> str:
        text = form.staff_note.data or ""
        handling.save_note(db_session, application=application, text=text, by=actor(), now=utcnow())
        return "The note is saved."

    return _do(event, application_id, "note", form, work)


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/standing")
@requires(Permission.TABLES_EDIT)
def save_standing(event: Event, application_id: int) -> ResponseReturnValue:
    """Points and membership, for all shows of the club."""
    form = StandingForm()

    def work(db_session: Session, application: Application) -> str:
        handling.save_standing(
            db_session, application=application, points=form.points.data or 0, is_member=form.is_member.data, by=actor(),
            now=utcnow(),
        )  # fmt: skip
        return "Points and membership are saved."

    return _do(event, application_id, "standing", form, work)


def _word(form: StepForm) -> handling.Word:
    return handling.Word(form.reason.data or "", form.message.data or "", form.is_told.data)


def _do(
    event: Event, application_id: int, name: str, form: Any, work: Callable[[Session, Application], str]
) -> ResponseReturnValue:
    """Runs one deed of the page. What cannot be done is told at the form it came from, and nothing of it stays."""
    slug, event_id = event.slug, event.id
    if form.validate_on_submit():
        try:
            told = attempt(
                lambda db_session: work(
                    db_session,
                    queries.get_application(db_session, event_id=event_id, application_id=application_id),
                )
            )
            flash(told, "ok")
            return redirect(url_for(".show_application", slug=slug, application_id=application_id), 303)
        except NotFound:
            raise
        except DomainError as error:
            form.hang(error)
    return _page(event, application_id, {name: form}), 422


@bp.route("/manage/shows/<slug>/applications/settings", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def settings(event: Event) -> ResponseReturnValue:
    """How tables are given out, until when, and which kinds of wares the show wants."""
    row = queries.find_selling(db.session(), event_id=event.id)
    data = None if row else {"offer_hours": 120, "takes_late": True, "most_photos": 4, "fee_policy": "declined"}
    form = event_form(SellingForm, zone_name=event.time_zone, currency=event.currency, obj=row, data=data)
    if not form.validate_on_submit():
        return _settings_page(event, form, CategoryForm(formdata=None)), 422 if form.is_submitted() else 200
    slug, event_id = event.slug, event.id
    with transaction() as db_session:
        handling.save_selling(
            db_session, event=db_session.get_one(Event, event_id), values=form.values(), by=actor(), now=utcnow()
        )
    flash("Saved.", "ok")
    return redirect(url_for(".settings", slug=slug), 303)


def _settings_page(event: Event, form: Any, category_form: CategoryForm) -> str:
    uses = queries.category_uses(db.session(), event_id=event.id)
    return render_template(
        "vendor_tables/applications/settings.html", event=event, form=form, category_form=category_form, uses=uses
    )


@bp.post("/manage/shows/<slug>/applications/categories")
@requires(Permission.TABLES_EDIT)
def save_category(event: Event) -> ResponseReturnValue:
    """Add a kind of wares, or change one (field `id`)."""
    form = CategoryForm()
    slug, event_id = event.slug, event.id
    if form.validate_on_submit():
        try:
            with transaction() as db_session:
                handling.save_category(
                    db_session,
                    event=db_session.get_one(Event, event_id),
                    category_id=whole(request.form.get("id"), 17),
                    name=str(form.name.data),
                    most_tables=form.most_tables.data,
                    by=actor(),
                    now=utcnow(),
                )
            flash(f"“{form.name.data}” is saved.", "ok")
            return redirect(url_for(".settings", slug=slug, _anchor="kinds"), 303)
        except NotFound:
            raise
        except DomainError as error:
            form.hang(error)
    row = queries.find_selling(db.session(), event_id=event.id)
    blank = event_form(SellingForm, zone_name=event.time_zone, currency=event.currency, formdata=None, obj=row)
    return _settings_page(event, blank, form), 422


@bp.post("/manage/shows/<slug>/applications/categories/<int:category_id>/removal")
@requires(Permission.TABLES_EDIT)
def remove_category(event: Event, category_id: int) -> ResponseReturnValue:
    slug, event_id = event.slug, event.id
    try:
        with transaction() as db_session:
            category = queries.get_category(db_session, event_id=event_id, category_id=category_id)
            handling.remove_category(db_session, category=category, by=actor(), now=utcnow())
        flash("Removed.", "ok")
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".settings", slug=slug, _anchor="kinds"), 303)
