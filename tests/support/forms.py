"""Posts forms as a browser would: with the CSRF token of a page fetched before."""

import hashlib
import os
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

IN_FORM = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
IN_BODY = re.compile(r'"X-CSRFToken": "([^"]+)"')


def find_token(html: str) -> str:
    """The CSRF token of a page: of its first form, else the one on its body. "" when it has none."""
    found = IN_FORM.search(html) or IN_BODY.search(unescape(html))
    return found[1] if found else ""


def token_of(client: FlaskClient, page: str | None = None) -> str:
    """The CSRF token of a page with a form (or the body attribute of base.html); without one, what any page would carry."""
    if page is None:
        with client.session_transaction() as session:
            secret = session.setdefault("csrf_token", hashlib.sha256(os.urandom(64)).hexdigest())
        return str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(secret))
    token = find_token(client.get(page).get_data(as_text=True))
    assert token, f"no CSRF token on {page}"
    return token


def post(
    client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, page: str | None = None, **kwargs: Any
) -> TestResponse:
    """POST with a valid token."""
    return client.post(url, data={**(data or {}), "csrf_token": token_of(client, page)}, **kwargs)


class _Forms(HTMLParser):
    """Reads what each form of a page would send, pressed by each of its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.found.append((own.get("action", ""), {}))
        if not self.found or "name" not in own:
            return
        fields, is_box = self.found[-1][1], own.get("type") in ("radio", "checkbox")
        if tag == "input" and (not is_box or "checked" in own):
            fields[own["name"]] = own.get("value", "")
        if tag == "textarea":
            self.area, fields[own["name"]] = own["name"], ""

    def handle_data(self, data: str) -> None:
        if self.area:
            fields = self.found[-1][1]  # the line break right after the tag is not part of the text
            fields[self.area] += data if fields[self.area] else data.removeprefix("\r").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""


def fields_of(html: str, action: str) -> dict[str, str]:
    """What the form of a page that goes to `action` would send, without its buttons."""
    reader = _Forms()
    reader.feed(html)
    found = [fields for where, fields in reader.found if where == action]
    assert found, f"no form to {action}"
    return found[0]
