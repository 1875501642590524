"""Pages that belong to no feature: health, the color scheme, the style guide of development."""

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

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
