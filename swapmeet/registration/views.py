"""A person's own tickets."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.registration.tickets import list_my_tickets
from swapmeet.web.access import signed_in

bp = Blueprint("registration", __name__)


@bp.get("/me/tickets")
@signed_in
def my_tickets() -> ResponseReturnValue:
    """Every ticket one holds or ordered, with its QR code, shows to come first."""
    shows = list_my_tickets(db.session(), person_id=current_user.id, now=utcnow())
    return render_template("registration/my_tickets.html", shows=shows)
