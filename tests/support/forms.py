"""Posts forms as a browser would: with the CSRF token of a page fetched before."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

IN_FORM = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
IN_BODY = re.compile(r'"X-CSRFToken": "([^"]+)"')


def find_token(html: str) -> str:
    """The CSRF token of a page: of its first form, else the one on its body. "" when it has none."""
    found = IN_FORM.search(html) or IN_BODY.search(unescape(html))
    return found[1] if found else ""


def token_of(client: FlaskClient, page: str = "/styleguide") -> str:
    """The CSRF token of any page with a form (or the body attribute of base.html)."""
    token = find_token(client.get(page).get_data(as_text=True))
    assert token, f"no CSRF token on {page}"
    return token


def post(
    client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, page: str = "/styleguide", **kwargs: Any
) -> TestResponse:
    """POST with a valid token."""
    return client.post(url, data={**(data or {}), "csrf_token": token_of(client, page)}, **kwargs)
