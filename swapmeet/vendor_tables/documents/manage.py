"""The organizer's pages of documents: what is asked, who has sent what, looking at one and saying yes or no."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.vendor_tables.documents import queries, services
from swapmeet.vendor_tables.documents.errors import NoSuchDocument
from swapmeet.vendor_tables.documents.forms import AskForm, DecideForm
from swapmeet.vendor_tables.documents.models import LABELS, AskedDocument, DocumentState
from swapmeet.vendor_tables.documents.views import document_file
from swapmeet.vendor_tables.models import Vendor
from swapmeet.web.access import actor, requires
from swapmeet.web.errors import STATUS
from swapmeet.web.paging import page_number, page_of

bp = Blueprint("vendor_documents_manage", __name__)

BASE = "/manage/shows/<slug>/documents"
ONE = BASE + "/<int:asked_id>/vendors/<int:vendor_id>"
KEPT_AFTER = timedelta(days=60)


@bp.get(BASE)
@requires(Permission.VENDORS_VIEW)
def overview(event: Event) -> ResponseReturnValue:
    """What is asked, and how each vendor stands."""
    db_session, wanted = db.session(), request.args.get("state", "")
    asked = queries.list_asked(db_session, event_id=event.id, with_archived=True)
    current = [each for each in asked if each.archived_at is None]
    documents = queries.documents_of(db_session, event_id=event.id)
    senders = queries.list_senders(db_session, event_id=event.id)
    rows = [(sender, queries.standings(current, documents, sender.vendor_id)) for sender in senders]
    counts = {
        each.id: sum(1 for _, mine in rows for one in mine if one.asked is each and not one.is_open) for each in current
    }
    kept = [(sender, mine) for sender, mine in rows if not wanted or any(_fits(one, wanted) for one in mine)]
    return render_template(
        "vendor_tables/documents/overview.html",
        event=event,
        asked=current,
        archived=[each for each in asked if each.archived_at is not None],
        counts=counts,
        total=len(senders),
        page=page_of(kept, number=page_number()),
        wanted=wanted,
        options=[("", "All"), ("waiting", "Waiting for documents"), *((key, words) for key, words in LABELS.items())],
    )


def _fits(standing: queries.Standing, wanted: str) -> bool:
    return standing.is_open if wanted == "waiting" else standing.key == wanted


@bp.route(BASE + "/new", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def add(event: Event) -> ResponseReturnValue:
    return _edit(event, None)


@bp.route(BASE + "/<int:asked_id>", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def edit(event: Event, asked_id: int) -> ResponseReturnValue:
    return _edit(event, queries.get_asked(db.session(), event_id=event.id, asked_id=asked_id))


def _edit(event: Event, asked: AskedDocument | None) -> ResponseReturnValue:
    slug, event_id, asked_id = event.slug, event.id, asked.id if asked is not None else None
    blank = {"due_on": event.first_day - timedelta(days=14), "purge_on": event.last_day + KEPT_AFTER, "reminds": True}
    form = AskForm(obj=asked, data=None if asked is not None else blank)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("vendor_tables/documents/ask.html", event=event, form=form, asked=asked), status
    try:
        with transaction() as db_session:
            row = queries.get_asked(db_session, event_id=event_id, asked_id=asked_id) if asked_id else None
            show = db_session.get_one(Event, event_id)
            services.ask(db_session, event=show, paper=form.paper(), asked=row, by=actor(), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return render_template("vendor_tables/documents/ask.html", event=event, form=form, asked=asked), 422
    flash("Saved. Vendors with tables find it under “My tables”.", "ok")
    return redirect(url_for(".overview", slug=slug), 303)


@bp.post(BASE + "/<int:asked_id>/asking")
@requires(Permission.TABLES_EDIT)
def set_asking(event: Event, asked_id: int) -> ResponseReturnValue:
    """Stop asking for it, or ask again (field `asked`)."""
    slug, event_id, is_asked = event.slug, event.id, request.form.get("asked") == "yes"
    with transaction() as db_session:
        asked = queries.get_asked(db_session, event_id=event_id, asked_id=asked_id)
        services.stop_asking(db_session, asked=asked, is_asked=is_asked, by=actor(), now=utcnow())
    flash(
        "It is asked for again." if is_asked else "It is not asked for any more. What was sent stays until its day.",
        "ok",
    )
    return redirect(url_for(".overview", slug=slug), 303)


@bp.get(ONE)
@requires(Permission.TABLES_EDIT)
def show(event: Event, asked_id: int, vendor_id: int) -> ResponseReturnValue:
    """One paper of one vendor."""
    return _page(event, asked_id, vendor_id, None)


def _page(event: Event, asked_id: int, vendor_id: int, form: DecideForm | None) -> str:
    db_session = db.session()
    asked = queries.get_asked(db_session, event_id=event.id, asked_id=asked_id)
    document = queries.find_document(db_session, asked_id=asked.id, vendor_id=vendor_id)
    stored = db_session.get(StoredFile, document.file_id) if document is not None and document.file_id else None
    return render_template(
        "vendor_tables/documents/decide.html",
        event=event,
        it=queries.Standing(asked, document),
        sender=queries.get_sender(db_session, event_id=event.id, vendor_id=vendor_id),
        is_picture=stored is not None and stored.content_type == "image/webp",
        form=form or DecideForm(formdata=None),
    )


@bp.post(ONE + "/decisions")
@requires(Permission.TABLES_EDIT)
def decide(event: Event, asked_id: int, vendor_id: int) -> ResponseReturnValue:
    """Accept what was sent, or say what is wrong with it."""
    form = DecideForm()

    def work(db_session: Any, show: Event, asked: AskedDocument, vendor: Vendor) -> str:
        document = queries.find_document(db_session, asked_id=asked.id, vendor_id=vendor.id)
        if document is None:
            raise NoSuchDocument("Nothing has been sent for this.")
        services.decide(
            db_session, document=document, target=DocumentState(form.verdict.data), reason=form.reason.data or "",
            seen=form.seen.data, is_told=bool(form.is_told.data), by=actor(), now=utcnow(),
        )  # fmt: skip
        return f"{vendor.name}: {LABELS[document.state].lower()}."

    return _do(event, asked_id, vendor_id, form, work)


@bp.post(ONE + "/paper")
@requires(Permission.TABLES_EDIT)
def note_paper(event: Event, asked_id: int, vendor_id: int) -> ResponseReturnValue:
    """The vendor has shown it on paper."""

    def work(db_session: Any, show: Event, asked: AskedDocument, vendor: Vendor) -> str:
        services.note_paper(db_session, event=show, asked=asked, vendor=vendor, by=actor(), now=utcnow())
        return f"{vendor.name}: accepted, seen on paper."

    return _do(event, asked_id, vendor_id, None, work)


def _do(event: Event, asked_id: int, vendor_id: int, form: DecideForm | None, work: Any) -> ResponseReturnValue:
    slug, event_id = event.slug, event.id
    queries.get_sender(db.session(), event_id=event_id, vendor_id=vendor_id)
    if form is not None and not form.validate_on_submit():
        return _page(event, asked_id, vendor_id, form), 422
    try:
        with transaction() as db_session:
            asked = queries.get_asked(db_session, event_id=event_id, asked_id=asked_id)
            vendor = db_session.get_one(Vendor, vendor_id)
            told = work(db_session, db_session.get_one(Event, event_id), asked, vendor)
    except NotFound:
        raise
    except DomainError as error:
        if form is None:
            flash(error.message, "bad")
            return redirect(url_for(".show", slug=slug, asked_id=asked_id, vendor_id=vendor_id), 303)
        form.hang(error)
        return _page(event, asked_id, vendor_id, form), STATUS[error.kind]
    flash(told, "ok")
    return redirect(url_for(".overview", slug=slug), 303)


@bp.get(ONE + "/file")
@requires(Permission.TABLES_EDIT)
def show_file(event: Event, asked_id: int, vendor_id: int) -> Response:
    """What the vendor has sent."""
    asked = queries.get_asked(db.session(), event_id=event.id, asked_id=asked_id)
    document = queries.find_document(db.session(), asked_id=asked.id, vendor_id=vendor_id)
    return document_file(document.file_id if document is not None else None)
