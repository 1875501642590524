"""Markup in every text anybody can type is text on every page, whoever looks. Cases R-T14 to R-T17."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Enum, String, func, literal, update

from swapmeet.accounts import sessions
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests.support.crawl import crawl
from tests.support.filled import Filled, account

MARK = "swapmeet-probe"
PAYLOAD = f"'\"></script><{MARK} onclick=x>{{{{7*7}}}}"

# Texts that no person types: names in addresses, codes, secrets, words of closed lists, what the program writes itself.
CLOSED = frozenset(
    "access_text_kind actor_kind address_digest answer_digest cart_digest cart_key category code completeness condition "
    "content_key content_type country cover_key currency detail_kind device_type document entry_from fact_key fs_uniquifier "
    "fs_webauthn_user_handle intent key key_digest kind lease length_unit link_seal locale message_id order_code origin "
    "password purpose refund_policy request_digest row rule scale scope skill slug source_digest source_id subject target "
    "text_kind tf_phone_number tf_primary_method tf_totp_secret theme time_zone token token_digest transaction_code uid "
    "usage vendor_word verb extensions nonce search_text".split()
)
ADDRESSES = ("email", "website")
APPEND_ONLY = (
    "audit_entry",
    "ledger_entry",
    "plan_version",
    "trade_run",
    "trade_run_move",
    "trade_run_payment",
)  # no text of visitors


class Probe(HTMLParser):
    """Finds the element that markup would have made, and handlers and scripts that no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == MARK or any(name.startswith("on") for name in given):
            self.found.append(f"<{tag}> {sorted(given)}")
        if tag == "script" and not given.get("src"):
            self.found.append("inline script")
        for name in ("href", "src", "action", "formaction"):
            if (given.get(name) or "").strip().lower().startswith(("javascript:", "data:text", "vbscript:")):
                self.found.append(f"<{tag} {name}={given[name]}>")


def typed_columns() -> Iterator[tuple[Any, Any]]:
    """Columns of texts that people type. A new one is among them unless it is named above."""
    for table in db.metadata.sorted_tables:
        for column in table.columns if table.name not in APPEND_ONLY else ():
            is_text = isinstance(column.type, String) and not isinstance(column.type, Enum)
            if is_text and column.name not in CLOSED and not column.name.endswith(ADDRESSES):
                yield table, column


@pytest.fixture
def marked(app: Flask, filled: Filled) -> dict[str, Any]:
    """A show in full swing with markup at the end of every text, and clients of people who see it."""
    filled.put_into(app)
    clients: dict[str, Any] = {"anonymous": app.test_client()}
    with transaction() as db_session:
        people = {key: account(db_session, key) for key in ("organizer", "vendor", "attendee", "trader")}
        for table, column in typed_columns():
            room = (getattr(column.type, "length", None) or 5000) - len(PAYLOAD)
            if room >= 0:
                ending = func.substr(column, 1, room) + literal(PAYLOAD)
                db_session.execute(update(table).where(column.is_not(None)).values({column.name: ending}))
        for key, person in people.items():
            token = sessions.open_session(db_session, person=person, device=PAYLOAD, address="", now=utcnow())
            clients[key] = app.test_client()
            clients[key].set_cookie(sessions.COOKIE, token)
    return clients


STARTS = ["/", "/manage", "/trades", "/me", "/me/tickets", "/me/orders", "/me/tables", "/me/vendor", "/me/trades"]


@pytest.mark.only("sqlite")
def test_r_t14_to_r_t17_markup_in_any_text_is_text_on_every_page(app: Flask, marked: dict[str, Any]) -> None:
    faults, marks = [], 0
    for who, client in marked.items():
        found = crawl(app, client, STARTS, per_endpoint=2, limit=150)
        faults += [f"{who} {address}: {status}" for address, status in found.statuses.items() if status >= 500]
        for address, body in found.bodies.items():
            probe = Probe()
            probe.feed(body)
            marks += body.count(f"&lt;{MARK}")
            faults += [f"{who} {address}: {fault}" for fault in probe.found]
            faults += [f"{who} {address}: a template ran" for _ in range("49}}" in body or "onclick=x&gt;49" in body)]
    assert faults == []
    assert marks > 300
