"""Organizer page of the membership list: paste numbers, look one up, take one off."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.registration import members
from swapmeet.registration.forms import MembersForm
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.paging import page_number

bp = Blueprint("members_manage", __name__, url_prefix="/manage/shows/<slug>/members")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def list_members(event: Event) -> ResponseReturnValue:
    """The list with what each number has bought, and the form that adds to it."""
    form = MembersForm()
    if not form.validate_on_submit():
        return _page(event, form), 422 if request.method == "POST" else 200
    event_id, slug = event.id, event.slug
    try:
        numbers = members.read_numbers(form.numbers.data or "")
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            each = form.tickets_each.data or 1
            count = members.add_numbers(
                db_session, event=show, numbers=numbers, tickets_each=each, by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _page(event, form), 422
    known = len(numbers) - count
    flash(
        f"{plural(count, 'number', 'numbers')} added." + (f" {known} were on the list already." if known else ""), "ok"
    )
    return redirect(url_for(".list_members", slug=slug), 303)


@bp.post("/<int:number_id>/removal")
@requires(Permission.TICKETS_EDIT)
def remove_member(event: Event, number_id: int) -> ResponseReturnValue:
    """Off the list. What was bought with it stays as it is."""
    event_id, slug = event.id, event.slug
    with transaction() as db_session:
        row = members.get_number(db_session, event_id=event_id, number_id=number_id)
        show = db_session.get_one(Event, event_id)
        members.remove_number(db_session, event=show, row=row, by=actor(), now=utcnow())
    flash("It is off the list. Tickets bought with it stay good.", "ok")
    return redirect(url_for(".list_members", slug=slug), 303)


def _page(event: Event, form: MembersForm) -> str:
    db_session, words = db.session(), request.args.get("q", "").replace("\x00", "")[:60]
    count, used = members.count_numbers(db_session, event)
    page = members.list_numbers(db_session, event, words=words, page=page_number())
    return render_template(
        "registration/members.html", event=event, form=form, page=page, words=words, count=count, used=used
    )
