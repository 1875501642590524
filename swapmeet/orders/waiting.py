"""The page for somebody whose connection has asked too often: what was sent stands in a form, to be sent again."""

from flask import Response, make_response, render_template, request

from swapmeet.web.errors import answer, wants_json

MOST_FIELDS = 300


def wait_page() -> Response:
    """429 without a single query. Nothing that was typed is lost, also where a browser cannot go back."""
    if wants_json() or request.headers.get("HX-Request") == "true":
        return make_response(answer(429))
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return make_response(render_template("orders/wait.html", kept=kept[:MOST_FIELDS], action=request.path), 429)
