"""Pages that belong to no feature: health, the color scheme, the style guide of development."""

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from swapmeet.config import Settings
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.web.access import public
from swapmeet.web.assets import SCHEME_COOKIE
from swapmeet.web.security import safe_next
from swapmeet.web.styleguide import samples

bp = Blueprint("web", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process is alive."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers; 503 otherwise (by the error handler)."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ready")


@bp.get("/.well-known/security.txt")
@public
def security_text() -> ResponseReturnValue:
    """Where to report a weakness (RFC 9116): the address of SWAPMEET_ADMIN_EMAIL. Not there without one."""
    settings: Settings = current_app.extensions["swapmeet_settings"]
    if not settings.admin_email:
        abort(404)
    lines = (
        f"Contact: mailto:{settings.admin_email}",
        f"Expires: {utcnow() + timedelta(days=180):%Y-%m-%dT00:00:00Z}",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
        "Preferred-Languages: en",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@bp.post("/scheme")
@public
def set_scheme() -> ResponseReturnValue:
    """Remember light, dark or the system's choice for a year."""
    response = redirect(safe_next(request.form.get("next"), "/"), 303)
    choice = request.form.get("scheme", "")
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    if choice in ("light", "dark"):
        response.set_cookie(SCHEME_COOKIE, choice, max_age=31536000, samesite="Lax", secure=secure, httponly=True)
    else:
        response.delete_cookie(SCHEME_COOKIE)
    return response


@bp.get("/how-it-works")
@public
def how_it_works() -> ResponseReturnValue:
    """What Swapmeet is, in one page."""
    return render_template("web/how_it_works.html")


@bp.get("/styleguide")
@public
def styleguide() -> ResponseReturnValue:
    """Every component on one page. Not there in production."""
    if current_app.config["SWAPMEET_ENV"] == "production":
        abort(404)
    return render_template("components/styleguide.html", **samples())
