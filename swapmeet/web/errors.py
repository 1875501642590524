"""Errors become answers, once: a page, a fragment for htmx, or RFC 9457 problem details."""

import logging
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from werkzeug.exceptions import HTTPException

from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError
from swapmeet.web.security import came_from

log = logging.getLogger(__name__)

STATUS = {"not_found": 404, "conflict": 409, "refused": 409, "invalid": 422, "too_much": 429}

TITLES = {
    400: "That request could not be read",
    401: "Please sign in",
    403: "You may not do that here",
    404: "There is nothing at this address",
    405: "That cannot be done here",
    409: "That did not work",
    413: "That is too large",
    415: "That kind of file is not taken",
    422: "Something needs correcting",
    429: "Too many tries",
    500: "Something broke on our side",
    503: "Busy for a moment",
}

WORDS = {
    400: "The page may have been open too long. Go back, reload it and send it again; what you typed is still there.",
    401: "This needs a signed-in person or a token.",
    403: "Your role in this team does not include it. Ask the owner of the show.",
    404: "It may have moved, or the link may be incomplete. The list of shows is a good place to start again.",
    405: "Go back and use the button on the page.",
    409: "Somebody else was faster, or things have changed. Reload the page to see where it stands.",
    413: "Choose a smaller file or send less text.",
    415: "Choose another file.",
    422: "Go back and look at the fields.",
    429: "Wait a few minutes and try again. Nothing is lost.",
    500: "It has been written down. Nothing you did before is lost; try once more in a minute.",
    503: "The database did not answer in time. Try again in a few seconds; nothing was lost.",
}


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def answer(status: int, message: str | None = None, *, code: str | None = None, **facts: Any) -> ResponseReturnValue:
    """The error in the form the asker can read."""
    title = TITLES.get(status, "That did not work")
    words = message or WORDS.get(status, "")
    if wants_json():
        body = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": words,
            "code": code or str(status),
            **facts,
        }
        response = jsonify(body)
        response.content_type = "application/problem+json"
        return response, status
    template = "errors/_fragment.html" if request.headers.get("HX-Request") == "true" else "errors/error.html"
    return render_template(
        template,
        status=status,
        title=title,
        message=words,
        request_id=g.get("request_id", ""),
        back_url=came_from("") if status == 413 else "",
    ), status


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(IntegrityError, _constraint)
    app.register_error_handler(StatementError, _bad_value)
    app.register_error_handler(DataError, _bad_value)
    app.register_error_handler(500, _broken)


def _domain_error(error: DomainError) -> ResponseReturnValue:
    end_reading()
    status = STATUS[error.kind]
    message = error.message if error.kind != "not_found" else (error.message or None)
    return answer(status, message, code=error.code, **error.facts)


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        "This form is too old. Perhaps you signed out in another tab, or the page was open for very long. "
        "Go back, reload the page (sign in again if it asks) and send it once more; what you typed is still there.",
        code="csrf",
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if status < 400:
        return error
    return answer(status, getattr(error, "swapmeet_words", None))


def _database_busy(error: OperationalError) -> ResponseReturnValue:
    end_reading()
    log.warning("database busy: %s", type(error.orig).__name__)
    body = answer(503)
    return (*body, {"Retry-After": "3"}) if isinstance(body, tuple) else body


def _constraint(error: IntegrityError) -> ResponseReturnValue:
    """The last line of defense: the constraint refused what the friendly check let through (a race)."""
    end_reading()
    log.warning("constraint refused: %s", _constraint_of(error.orig))
    return answer(409, code="constraint")


def _constraint_of(error: object) -> str:
    """Its name alone: PostgreSQL's own words repeat the values, and those may be somebody's address."""
    facts = getattr(error, "diag", None)
    return str(facts.constraint_name if facts is not None else error)


def _bad_value(error: StatementError) -> ResponseReturnValue:
    """Values no database can store: NUL bytes on PostgreSQL, integers past 64 bits, lone surrogates."""
    end_reading()
    if isinstance(error, OperationalError):
        return _database_busy(error)
    if isinstance(error, IntegrityError):
        return _constraint(error)
    if isinstance(error, DataError) or isinstance(error.orig, (ValueError, OverflowError, UnicodeError)):
        return answer(
            422,
            "Something in this request cannot be stored. Check for unusual characters or very large numbers.",
            code="unstorable",
        )
    raise error


def _broken(error: Exception) -> ResponseReturnValue:
    end_reading()
    return answer(500)
