"""The address of a document that was asked for: a page that waits without script, then the file."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import DocumentState, find_document, kind_of, read_document
from swapmeet.web.access import by_link

bp = Blueprint("documents", __name__)

SLOW_AFTER_S = 60


@bp.get("/documents/<token>")
@by_link
def show_document(token: str) -> ResponseReturnValue:
    """The file when it is ready; until then a page that looks again by itself every two seconds.

    What could not be printed as it was written is said before, with a link to the file as it is.
    """
    db_session = db.session()
    document = find_document(db_session, token)
    if document is None:
        abort(404)
    if document.state is not DocumentState.READY or (document.problem and "as-it-is" not in request.args):
        waited_s = (utcnow() - document.created_at).total_seconds()
        return render_template("orders/document.html", document=document, is_slow=waited_s > SLOW_AFTER_S)
    try:
        content = read_document(db_session, document)
    except FileNotFoundError:
        abort(404)
    response = Response(content, content_type="application/pdf")
    name = kind_of(document).file_name(document.payload)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
