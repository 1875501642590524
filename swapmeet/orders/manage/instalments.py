"""Paying in parts: which shares by which days a show offers its buyers."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField
from wtforms.validators import Optional

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage import bp
from swapmeet.orders.services.instalments import MOST_DATES, Share, find_plan, save_plan
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form, WholeField, add_fault

NUMBERS = range(1, MOST_DATES + 1)


class _InstalmentsBase(Form):
    """Later shares with their days; rows left empty are none."""

    lapses = BooleanField(
        "If a later part is late, the places go to others and what was paid is kept",
        description="Otherwise the order stands, and you find it in the list of orders that are past their due date.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then each share with its day."""
        is_good = super().validate(extra_validators)
        for number in NUMBERS:
            percent, day = self[f"percent_{number}"], self[f"due_on_{number}"]
            if percent.data is not None and day.data is None and not day.errors:
                add_fault(day, "Write by when this part is due.")
            if day.data is not None and percent.data is None and not percent.errors:
                add_fault(percent, "Write how much is due by then, such as 30.")
        return is_good and not self.errors

    def shares(self) -> list[Share]:
        """Call it after `validate`."""
        rows = [(self[f"percent_{number}"].data, self[f"due_on_{number}"].data) for number in NUMBERS]
        return [Share(percent, day) for percent, day in rows if percent is not None and day is not None]


InstalmentsForm: Any = type(
    "InstalmentsForm",
    (_InstalmentsBase,),
    {
        name: field
        for number in NUMBERS
        for name, field in (
            (f"percent_{number}", WholeField(f"Later part {number}, in percent", [Optional()], low=1, high=99)),
            (f"due_on_{number}", DateField(f"Later part {number} is due by", [Optional()])),
        )
    },
)


@bp.route("/tickets/instalments", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def edit_instalments(event: Event) -> ResponseReturnValue:
    """Later shares of the price and their days; the rest is due with the order."""
    event_id, slug = event.id, event.slug
    form = InstalmentsForm(data=_data_of(db.session(), event) if request.method == "GET" else None)
    if form.validate_on_submit() and _is_in_time(form, event):
        try:
            attempt(lambda db_session: _save(db_session, event_id, form))
        except DomainError as error:
            form.hang(error)
        else:
            flash("Saved. Orders that are placed already keep the dates they were placed with.", "ok")
            return redirect(url_for(".edit_instalments", slug=slug), 303)
    rows = [(form[f"percent_{number}"], form[f"due_on_{number}"]) for number in NUMBERS]
    page = render_template("orders/manage_instalments.html", event=event, form=form, rows=rows)
    return page, 422 if form.is_submitted() else 200


def _is_in_time(form: Any, event: Event) -> bool:
    """No part is due when the show is over: who owes one has no tickets yet."""
    for number in NUMBERS:
        day = form[f"due_on_{number}"]
        if day.data is not None and day.data > event.last_day:
            add_fault(day, "The show is over by then. Choose a day before it.")
    return not form.errors


def _save(db_session: Session, event_id: int, form: Any) -> None:
    event = db_session.get_one(Event, event_id)
    save_plan(db_session, event=event, shares=form.shares(), lapses=form.lapses.data, by=actor(), now=utcnow())


def _data_of(db_session: Session, event: Event) -> dict[str, Any]:
    plan = find_plan(db_session, event_id=event.id)
    if plan is None:
        return {}
    found: dict[str, Any] = {"lapses": plan.lapses}
    for number, each in enumerate(plan.dates, 1):
        found |= {f"percent_{number}": each.percent, f"due_on_{number}": each.due_on}
    return found
