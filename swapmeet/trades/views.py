"""Public pages of trades."""

from flask import Blueprint

from swapmeet.web.access import public

bp = Blueprint("trades", __name__)


@bp.get("/trades")
@public
def browse_all() -> str:
    return ""
