"""Organizer pages of choices: which ones a ticket has, and how many of each were chosen."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import HiddenField
from wtforms.validators import Optional

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.registration import wording
from swapmeet.registration.models import TicketType
from swapmeet.registration.queries import get_ticket_type, list_ticket_types
from swapmeet.registration.variants import (
    MOST_VARIANTS,
    TypeCount,
    VariantValues,
    count_choices,
    save_variants,
    variants_of,
)
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form, LineField, MoneyField, WholeField, add_fault, event_form
from swapmeet.web.spreadsheet import csv_lines, csv_response

bp = Blueprint("choices_manage", __name__, url_prefix="/manage/shows/<slug>/tickets")

BLANK = 4  # empty rows offered below those that are filled
HEADER = ("ticket", "good on", "choice", "paid or free", "waiting for money", "together", "limit")


class _ChoicesBase(Form):
    """Rows of choices; those left empty are none."""

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each row by their short names."""
        return [
            {name: self[f"choice_{number}_{name}"] for name in ("id", "name", "price", "capacity")}
            for number in range(MOST_VARIANTS)
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then that what has a price or a number has a name."""
        is_good = super().validate(extra_validators)
        for row in self.rows():
            is_empty = row["price"].data is None and row["capacity"].data is None
            if not row["name"].data and not is_empty:
                add_fault(row["name"], "Write what this choice is, or empty the whole row.")
        return is_good and not self.errors

    def values(self) -> list[VariantValues]:
        """The filled rows in their order."""
        return [
            VariantValues(
                name=row["name"].data,
                price_minor=row["price"].data,
                capacity=row["capacity"].data,
                variant_id=whole(row["id"].data or "", 15),
                row=f"choice_{number}",
            )
            for number, row in enumerate(self.rows())
            if row["name"].data
        ]


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(MOST_VARIANTS):
        name = f"Choice {number + 1}"
        fields |= {
            f"choice_{number}_id": HiddenField(),
            f"choice_{number}_name": LineField(name, limit=60),
            f"choice_{number}_price": MoneyField(f"{name}: price", [Optional()]),
            f"choice_{number}_capacity": WholeField(f"{name}: how many there are", [Optional()], high=1_000_000),
        }
    return fields


ChoicesForm: Any = type("ChoicesForm", (_ChoicesBase,), _fields())


@bp.route("/<int:ticket_type_id>/choices", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def edit_choices(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    """The choices of one ticket: names, prices, limits. An emptied row is not offered any more."""
    kind = get_ticket_type(db.session(), event_id=event.id, ticket_type_id=ticket_type_id)
    data = _data_of(db.session(), kind) if request.method == "GET" else None
    form = event_form(ChoicesForm, zone_name=event.time_zone, currency=event.currency, data=data)
    if not form.validate_on_submit():
        return _page(event, kind, form), 422 if request.method == "POST" else 200
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            kind = get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
            save_variants(db_session, event=show, kind=kind, wanted=form.values(), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _page(event, kind, form), 422
    flash("Saved. What is sold already stays as it was bought.", "ok")
    return redirect(url_for(".edit_choices", slug=slug, ticket_type_id=ticket_type_id), 303)


def _data_of(db_session: Session, kind: TicketType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rows = variants_of(db_session, event_id=kind.event_id, type_ids=[kind.id]).get(kind.id, [])
    for number, row in enumerate(rows):
        place = f"choice_{number}"
        found |= {f"{place}_id": str(row.id), f"{place}_name": row.name, f"{place}_price": row.price_minor}
        found[f"{place}_capacity"] = row.quota.capacity
    return found


def _page(event: Event, kind: TicketType, form: Any) -> str:
    rows = form.rows()
    last = max((number for number, row in enumerate(rows, 1) if _is_filled(row)), default=0)
    return render_template("registration/choices.html", event=event, kind=kind, form=form, rows=rows[: last + BLANK])


def _is_filled(row: dict[str, Any]) -> bool:
    return any(row[name].data is not None and row[name].data != "" for name in ("name", "price", "capacity"))


@bp.get("/choices")
@requires(Permission.ORDERS_VIEW)
def list_counts(event: Event) -> ResponseReturnValue:
    """How many of each choice, ticket by ticket: for the kitchen, or whoever prints the shirts."""
    counts = [(each, _when(event, each)) for each in _counts(event)]
    return render_template("registration/counts.html", event=event, counts=counts)


@bp.get("/choices.csv")
@requires(Permission.ORDERS_VIEW)
def export_counts(event: Event) -> ResponseReturnValue:
    """The same as a spreadsheet."""
    rows = [
        (each.kind.name, _when(event, each), row.name, row.paid, row.waiting, row.paid + row.waiting, row.capacity)
        for each in _counts(event)
        for row in each.choices
    ]
    return csv_response(csv_lines(HEADER, rows), f"{event.slug}-choices.csv")


def _counts(event: Event) -> list[TypeCount]:
    kinds = list_ticket_types(db.session(), event_id=event.id, with_archived=True)
    return count_choices(db.session(), event, kinds)


def _when(event: Event, each: TypeCount) -> str:
    """The day and hour of this seating, as the ticket says it. A shirt has none."""
    kind = each.kind
    if not (kind.is_admission or kind.valid_days or kind.entry_from or kind.days_allowed):
        return ""
    return wording.validity(kind.days, kind.entry_from, kind.days_allowed, locale=event.locale)
