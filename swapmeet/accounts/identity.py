"""Who is asking: the opaque cookie and the row behind it. What the account library would put into Flask's signed cookie
is taken out again before it is written."""

from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import Any

from flask import Request, Response, after_this_request, current_app, g, request, session

from swapmeet.accounts import sessions, steps
from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import commit_foreign_views
from swapmeet.web.security import cookie_name

# Kept in a row between two steps of signing in, never in the signed cookie.
STEP_KEYS = ("tf_state", "tf_user_id", "tf_remember_login", "tf_totp_secret", "tf_primary_method", "wan_challenge")
# Not kept at all: identity and freshness come from the sign-in session's row.
DROPPED_KEYS = ("_user_id", "_fresh", "_id", "_remember", "fs_cc", "fs_paa", "fs_gexp", "tf_select")
# Views that prove again who somebody is: the library notes the moment in the session, we in the row.
PROVING_ENDPOINTS = ("security.verify", "security.wan_verify_response")


@dataclass(frozen=True)
class SignedIn:
    """The sign-in session of this request, as plain values that outlive a rollback."""

    session_id: int
    person_id: int
    token: str
    is_kept: bool
    verified_at: datetime


def load_person(incoming: Request) -> Person | None:
    """The person behind the cookie, or None. One read for people who carry the cookie, none for others."""
    token = incoming.cookies.get(cookie_name(sessions.COOKIE))
    if not token or len(token) > 100:
        return None
    now = utcnow()
    row = sessions.find_live(db.session(), token, now=now)
    if row is None:
        return None
    g.sign_in = SignedIn(row.id, row.person_id, token, row.is_kept, row.verified_at)
    g.fs_authn_via = "session"
    # The library compares with the real clock; what counts is how long ago it was by ours.
    g.fs_paa = time() - (now - row.verified_at).total_seconds()
    return row.person


def signed_in_by() -> SignedIn | None:
    """The sign-in session of this request. Ask `current_user` first: that loads it."""
    found: SignedIn | None = g.get("sign_in")
    return found


def begin(person: Person, *, keep: bool) -> None:
    """Open a sign-in session for the person: a new row, a new cookie, a new CSRF token, nothing of the old ones."""
    now = utcnow()
    before = signed_in_by()
    if before is not None:
        sessions.revoke_token(db.session(), before.token, now=now)
    agent = request.user_agent.string
    token = sessions.open_session(
        db.session(), person=person, device=agent, address=request.remote_addr or "", now=now, is_kept=keep
    )
    g.new_sign_in_token = token
    renew_csrf()
    lifetime = int(sessions.LIFETIME.total_seconds()) if keep else None
    _cookie(sessions.COOKIE, token, lifetime)


def end() -> None:
    """End the sign-in session of this request."""
    before = signed_in_by()
    if before is not None:
        sessions.revoke_token(db.session(), before.token, now=utcnow())
    drop_cookie()


def drop_cookie() -> None:
    """Forget the cookie of a session that is over, and have the browser forget the pages it has kept."""
    renew_csrf()
    _cookie(sessions.COOKIE, "", 0)

    @after_this_request
    def _forget_pages(response: Response) -> Response:
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


def renew_csrf() -> None:
    """Forms shown before somebody signed in or out are void."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def recall_step() -> None:
    """Before a view of the account library: give it what the step before left, and nothing from an old signed cookie."""
    for key in (*STEP_KEYS, *DROPPED_KEYS):
        session.pop(key, None)
    token = request.cookies.get(cookie_name(steps.COOKIE))
    if token and len(token) <= 100:
        facts = steps.find_facts(db.session(), token, now=utcnow())
        g.step_facts = {key: facts[key] for key in STEP_KEYS if key in facts}
        session.update(g.step_facts)


def keep_step(response: Response) -> Response:
    """After it: keep what the next step needs in a row, and leave the signed cookie with CSRF and flashes alone."""
    facts: dict[str, Any] = {key: session.pop(key) for key in STEP_KEYS if key in session}
    is_fresh = session.get("fs_paa") is not None and request.endpoint in PROVING_ENDPOINTS
    for key in DROPPED_KEYS:
        session.pop(key, None)
    if request.method in ("GET", "HEAD"):
        if not facts and g.get("step_facts"):
            response.delete_cookie(cookie_name(steps.COOKIE), **_cookie_flags())
        return response
    before = signed_in_by()
    if is_fresh and before is not None:
        sessions.verify_again(db.session(), before.token, now=utcnow())
    if facts != g.get("step_facts", {}):
        _replace_step(response, facts)
    if response.status_code < 500:
        commit_foreign_views()
    return response


def _replace_step(response: Response, facts: dict[str, Any]) -> None:
    old = request.cookies.get(cookie_name(steps.COOKIE))
    if old:
        steps.forget(db.session(), old)
    if not facts:
        response.delete_cookie(cookie_name(steps.COOKIE), **_cookie_flags())
        return
    token = steps.keep_facts(db.session(), facts, now=utcnow())
    lifetime = int(steps.LIFETIME.total_seconds())
    response.set_cookie(cookie_name(steps.COOKIE), token, max_age=lifetime, **_cookie_flags())


def _cookie(name: str, value: str, max_age: int | None) -> None:
    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(cookie_name(name), value, max_age=max_age, **_cookie_flags())
        return response


def _cookie_flags() -> dict[str, Any]:
    return {
        "path": "/",
        "httponly": True,
        "samesite": "Lax",
        "secure": bool(current_app.config["SESSION_COOKIE_SECURE"]),
    }
