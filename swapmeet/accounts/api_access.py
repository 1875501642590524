"""API tokens: `Authorization: Bearer …` on addresses under /api/. A token never does more than its owner may."""

from flask import abort, g, request

from swapmeet.accounts.queries import find_live_token
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db

PREFIX = "Bearer "


def load_api_token() -> None:
    """Before a request to the API: find the token's row. A wrong, revoked or expired one answers 401."""
    if not request.path.startswith("/api/"):
        return
    given = request.headers.get("Authorization", "")
    if not given.startswith(PREFIX):
        return
    token = find_live_token(db.session(), given.removeprefix(PREFIX).strip()[:200], now=utcnow())
    if token is None:
        abort(401)
    g.api_token = token
