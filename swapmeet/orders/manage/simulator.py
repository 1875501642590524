"""The page that answers "what would a visitor see and pay on this date"."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.orders.manage import bp
from swapmeet.orders.simulator import Seen, simulate
from swapmeet.web.access import requires
from swapmeet.web.forms import Form, LineField, LocalTimeField, WholeField, event_form


class SimulatorForm(Form):
    """The question. It is asked by GET, so that an answer can be sent around."""

    class Meta(Form.Meta):
        csrf = False

    at = LocalTimeField("On", [InputRequired("Write the day and time.")])
    quantity = WholeField("How many", [InputRequired("Write how many.")], low=1, high=1000, default=1)
    code = LineField("With the code", limit=60)
    member = LineField("As the member with the number", limit=40)


@bp.get("/prices")
@requires(Permission.TICKETS_EDIT)
def simulate_prices(event: Event) -> ResponseReturnValue:
    """Prices and refusals of everything but tables, at an instant, with a code."""
    now = utcnow()
    asked = request.args if "at" in request.args else None
    form = event_form(
        SimulatorForm, zone_name=event.time_zone, currency=event.currency, formdata=asked, at=now, quantity=1
    )
    is_good = asked is None or form.validate()
    rows: list[Seen] = []
    notes: list[str] = []
    if is_good:
        rows, notes = simulate(
            db.session(),
            event,
            at=form.at.data or now,
            quantity=form.quantity.data or 1,
            code=form.code.data or "",
            member=form.member.data or "",
            now=now,
        )
    page = render_template("orders/manage_prices.html", event=event, form=form, rows=rows, notes=notes)
    return page, 200 if is_good else 422
