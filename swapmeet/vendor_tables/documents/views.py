"""A vendor's own papers at a show: what is asked, until when, how each stands, and sending one."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.time import to_local
from swapmeet.vendor_tables.documents import queries, services
from swapmeet.vendor_tables.documents.errors import NoSuchDocument
from swapmeet.vendor_tables.documents.forms import SendForm
from swapmeet.vendor_tables.limited import FileRefused, run_limited
from swapmeet.vendor_tables.models import Vendor
from swapmeet.vendor_tables.queries import find_vendor_of
from swapmeet.web.access import actor, signed_in
from swapmeet.web.errors import STATUS
from swapmeet.web.security import limit
from swapmeet.web.uploads import plain_name, private_file, sent_files

bp = Blueprint("vendor_documents", __name__)

MOST_BYTES = 10 * 1024 * 1024
TYPES = {"pdf": (".pdf", "application/pdf"), "webp": (".webp", "image/webp")}


def _own(db_session: Session, slug: str) -> tuple[Event, Vendor]:
    """Raises NoSuchDocument for somebody who has no tables at this show."""
    event = get_public_event(db_session, slug)
    vendor = find_vendor_of(db_session, person_id=current_user.id)
    if vendor is None or not queries.has_to_send(db_session, event_id=event.id, vendor_id=vendor.id):
        raise NoSuchDocument("This show asks you for no documents.")
    return event, vendor


def _standings(db_session: Session, event: Event, vendor: Vendor) -> list[queries.Standing]:
    asked = queries.list_asked(db_session, event_id=event.id)
    return queries.standings(asked, queries.documents_of(db_session, event_id=event.id), vendor.id)


@bp.get("/shows/<slug>/documents")
@signed_in
def list_own(slug: str) -> ResponseReturnValue:
    """What is asked of me, and how each stands."""
    event, vendor = _own(db.session(), slug)
    today = to_local(utcnow(), event.time_zone).date()
    rows = _standings(db.session(), event, vendor)
    return render_template("vendor_tables/documents/own.html", event=event, rows=rows, today=today)


@bp.get("/shows/<slug>/documents/<int:asked_id>")
@signed_in
def show_own(slug: str, asked_id: int) -> ResponseReturnValue:
    """One of them, with a place to send it."""
    return _page(slug, asked_id, SendForm(formdata=None))


def _page(slug: str, asked_id: int, form: SendForm) -> str:
    event, vendor = _own(db.session(), slug)
    return render_template(
        "vendor_tables/documents/send.html", event=event, it=_one(db.session(), event, vendor, asked_id), form=form
    )


def _one(db_session: Session, event: Event, vendor: Vendor, asked_id: int) -> queries.Standing:
    found = next((row for row in _standings(db_session, event, vendor) if row.asked.id == asked_id), None)
    if found is None:
        raise NoSuchDocument("This show does not ask you for that.")
    return found


@bp.post("/shows/<slug>/documents/<int:asked_id>")
@signed_in
@limit("30 per hour")
def send(slug: str, asked_id: int) -> ResponseReturnValue:
    """Read the file, make it anew, keep it; what cannot be used is told at once."""
    form = SendForm()
    _own(db.session(), slug)
    if not form.validate_on_submit():
        return _page(slug, asked_id, form), 422
    try:
        scan = _read(form)
        with transaction() as db_session:
            event, vendor = _own(db_session, slug)
            asked = queries.get_asked(db_session, event_id=event.id, asked_id=asked_id)
            services.send(db_session, event=event, asked=asked, vendor=vendor, scan=scan, by=actor(), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return _page(slug, asked_id, form), STATUS[error.kind]
    flash("Thank you, it is here. The organizer will look at it.", "ok")
    return redirect(url_for(".list_own", slug=slug), 303)


def _read(form: Any) -> services.Scan:
    """Raises FileRefused, TooMuch."""
    sent = sent_files(form.file)
    content = sent[0].stream.read(MOST_BYTES + 1) if sent else b""
    if not content:
        raise FileRefused("Choose a PDF or a photo first.", field="file")
    if len(content) > MOST_BYTES:
        raise FileRefused("This file is larger than 10 MB. Send a smaller one.", field="file")
    answer = run_limited("paper", content)
    suffix, content_type = TYPES[answer.facts["kind"]]
    return services.Scan(answer.content, suffix, content_type, plain_name(sent[0].filename))


@bp.get("/shows/<slug>/documents/<int:asked_id>/file")
@signed_in
def own_file(slug: str, asked_id: int) -> Response:
    """What I have sent."""
    event, vendor = _own(db.session(), slug)
    document = _one(db.session(), event, vendor, asked_id).document
    return document_file(document.file_id if document is not None else None)


def document_file(file_id: int | None) -> Response:
    """Pictures open in the browser, a PDF is saved."""
    row = db.session.get(StoredFile, file_id) if file_id is not None else None
    is_pdf = row is not None and row.content_type == "application/pdf"
    return private_file(row, download_name="document.pdf" if is_pdf else "")
