"""Organizer page of a bundle: which tickets are in it, how many of each, and what part of the price each is."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import Optional

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.registration import bundles
from swapmeet.registration.models import TicketType
from swapmeet.registration.queries import get_ticket_type, types_by_id
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form, WholeField

bp = Blueprint("bundles_manage", __name__, url_prefix="/manage/shows/<slug>/tickets")


@bp.route("/<int:ticket_type_id>/parts", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def edit_parts(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    """How many of each other ticket; none at all makes it a ticket of its own again."""
    kind = get_ticket_type(db.session(), event_id=event.id, ticket_type_id=ticket_type_id)
    form = _form(event, kind)
    if not form.validate_on_submit():
        return _page(event, kind, form), 422 if request.method == "POST" else 200
    event_id, slug = event.id, event.slug
    wanted = [
        bundles.Wanted(int(name.removeprefix("part_")), field.data)
        for name, field in form._fields.items()
        if name.startswith("part_") and field.data
    ]
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            kind = get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
            bundles.save_parts(db_session, event=show, kind=kind, wanted=wanted, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _page(event, kind, form), 422
    flash("Saved." if wanted else "It is a ticket of its own.", "ok")
    return redirect(url_for(".edit_parts", slug=slug, ticket_type_id=ticket_type_id), 303)


def _form(event: Event, kind: TicketType) -> Any:
    known = bundles.quantities_of(db.session(), kind)
    fields = {
        f"part_{each.id}": WholeField(each.name, [Optional()], low=0, high=bundles.MOST_PEOPLE)
        for each in bundles.list_parts(db.session(), event=event, kind=kind)
    }
    form_class: Any = type("PartsForm", (Form,), fields)
    return form_class(data={f"part_{part_id}": quantity for part_id, quantity in known.items()})


def _page(event: Event, kind: TicketType, form: Any) -> str:
    bundle = types_by_id(db.session(), event_id=event.id, ids=[kind.id])[kind.id]
    return render_template(
        "registration/parts.html",
        event=event,
        kind=kind,
        form=form,
        fields=[field for name, field in form._fields.items() if name.startswith("part_")],
        shares=bundles.shares_of(event, bundle) if bundle.has_parts else [],
        alone_minor=sum(part.price_minor * count for part, count in bundle.parts),
    )
