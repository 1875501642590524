"""API tokens: `Authorization: Bearer …` on addresses under /api/. A token never does more than its owner may."""

from flask import abort, current_app, g, request

from swapmeet.accounts.queries import find_live_token
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db

PREFIX = "Bearer "


def load_api_token() -> None:
    """Before a request to the API: find the token's row. A wrong, revoked or expired one answers 401.

    The cookie counts for nothing here: these addresses take POSTs without a CSRF token.
    """
    if not request.path.startswith("/api/"):
        return
    current_app.extensions["security"].login_manager._update_request_context_with_user()
    given = request.headers.get("Authorization", "")
    if not given.startswith(PREFIX):
        return
    token = find_live_token(db.session(), given.removeprefix(PREFIX).strip()[:200], now=utcnow())
    if token is None:
        abort(401)
    g.api_token = token
