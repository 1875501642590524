"""Public pages of shows."""

from flask import Blueprint

from swapmeet.web.access import public

bp = Blueprint("events", __name__)


@bp.get("/")
@public
def list_shows() -> str:
    return ""
