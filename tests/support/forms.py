"""Posts forms as a browser would: with the CSRF token of a page fetched before."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_of(client: FlaskClient, page: str = "/styleguide") -> str:
    """The CSRF token of any page with a form (or the meta of base.html)."""
    html = client.get(page).get_data(as_text=True)
    found = TOKEN.search(html) or re.search(r'X-CSRFToken&#34;: &#34;([^&]+)|"X-CSRFToken": "([^"]+)"', html)
    assert found, f"no CSRF token on {page}"
    return next(group for group in found.groups() if group)


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, page: str = "/styleguide", **kwargs: Any) -> TestResponse:
    """POST with a valid token."""
    return client.post(url, data={**(data or {}), "csrf_token": token_of(client, page)}, **kwargs)
