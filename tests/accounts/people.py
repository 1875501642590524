"""Steps that many account tests take: register, confirm by the mail's link, sign in."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from werkzeug.test import TestResponse

from swapmeet.accounts.models import Person
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.support.forms import post

PASSWORD = "gravel lantern otter 42"
OTHER = "violet anchor biscuit 7"


def person(app: Flask, name: str = "Nora New", **changes: Any) -> Person:
    """A person with PASSWORD, confirmed."""
    with transaction() as db_session:
        return factories.person(db_session, name, **{"password": hash_password(PASSWORD), **changes})


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **extra: Any) -> TestResponse:
    return post(client, "/sign-in", {"email": email, "password": password, "remember": "1", **extra}, page="/sign-in")


def link_of(message: Any) -> str:
    """The path of the one link in a mail's plain text."""
    text = message.get_body(("plain",)).get_content()
    found = re.findall(r"https?://\S+", text)
    assert len(found) == 1, found
    parts = urlsplit(found[0])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def register(
    client: FlaskClient, email: str = "nora@example.org", password: str = PASSWORD, **changes: Any
) -> TestResponse:
    data = {"name": "Nora New", "email": email, "password": password, "password_confirm": password}
    return post(client, "/register", {**data, **changes}, page="/register")


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def find(email: str) -> Person | None:
    db.session.rollback()
    db.session.expire_all()
    return find_person_by_email(db.session(), email)
