"""The blueprint of trades' public and own pages."""

from typing import Any

from flask import Blueprint
from flask_login import current_user

from swapmeet.trades import rules, vocab

bp = Blueprint("trades", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    """The hobby's lists and the way names are shown, for every template of trades."""
    return {"vocab": vocab, "short_name": rules.short_name}


def viewer_id() -> int | None:
    """The signed-in person's id, or None."""
    return int(current_user.id) if current_user.is_authenticated else None


def own_id() -> int:
    """The signed-in person's id, on pages that need one."""
    return int(current_user.id)
