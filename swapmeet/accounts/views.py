"""A person's own account pages."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from swapmeet.web.access import signed_in

bp = Blueprint("accounts", __name__)


@bp.get("/me")
@signed_in
def my_account() -> ResponseReturnValue:
    """Everything about one's account, on one page."""
    return render_template("accounts/me.html")
