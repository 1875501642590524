"""Requests no browser of ours would send, sessions that are over, and what must never be in a log or in the code."""

import ast
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from swapmeet.accounts import sessions
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.logs import JsonFormatter
from swapmeet.infra.pdf import font_folders, make_pdf
from swapmeet.infra.uow import transaction
from swapmeet.web import security as web_security
from swapmeet.web.access import public
from swapmeet.web.filters import RICH_TAGS, clean_rich
from tests import factories
from tests.accounts.people import PASSWORD, person
from tests.registration import build
from tests.support.client import SeparateClient
from tests.support.databases import make_settings
from tests.support.forms import find_token, post, token_of

ASKED_FOR = "ann@example.org"
CODE = Path(__file__).parents[2] / "swapmeet"

# Cookies, headers --------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_strict_headers_errors_too(app: Flask, world: Any) -> None:
    for path in ("/", "/sign-in", "/me", "/nothing", f"/shows/{world.slug}", "/healthz", "/static/css/theme.css"):
        headers = world.client().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path


@pytest.fixture
def by_https(schema_database: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(make_settings(schema_database, tmp_path, public_url="https://localhost"))
    app.test_client_class = SeparateClient
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_by_https_the_cookies_of_the_site_belong_to_this_host_alone(by_https: Flask) -> None:
    email = person(by_https).email
    client = by_https.test_client()
    page = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    data = {"email": email, "password": PASSWORD, "csrf_token": find_token(page), "remember": "y"}
    sent = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/sign-in"}}
    answer = client.post("/sign-in", data=data, **sent)
    assert answer.status_code == 303
    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-swapmeet_id", "__Host-swapmeet_form"}
    for line in cookies.values():
        assert "Secure" in line and "Path=/;" in f"{line};" and "Domain" not in line
    assert client.get("/me", base_url="https://localhost").status_code == 200
    token = client.get_cookie("__Host-swapmeet_id", domain="localhost")
    other = by_https.test_client()
    other.set_cookie("swapmeet_id", token.value, domain="localhost", secure=True)
    assert other.get("/me", base_url="https://localhost").status_code == 303, "a neighbor can plant this name"


def test_a_form_that_comes_back_can_be_gone_back_to_but_not_pages_of_accounts(world: Any) -> None:
    client = world.client("ann")
    again = post(client, "/me/name", {"name": ""})
    assert (again.status_code, again.headers["Cache-Control"]) == (422, "private, no-cache")
    assert client.get("/me/name").headers["Cache-Control"] == "no-store"
    wrong = post(world.client(), "/sign-in", {"email": "a@example.org", "password": "wrong"}, page="/sign-in")
    assert wrong.status_code == 422 and "no-store" in wrong.headers["Cache-Control"]


def test_signing_out_empties_the_browsers_store(world: Any) -> None:
    answer = post(world.client("ann"), "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_r_t29_pages_of_two_people_in_a_row_share_nothing(world: Any) -> None:
    for path in (
        "/me",
        "/me/tickets",
        "/me/orders",
        "/me/trades",
        "/me/vendor",
        "/manage",
        f"/manage/shows/{world.slug}",
    ):
        answer = world.client("olga").get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "Cookie" in answer.headers.get("Vary", ""), path
        assert "Olga" not in world.client("otto").get(path).get_data(as_text=True), path


def test_r_t33_a_page_open_from_before_is_worth_nothing_after_signing_out_elsewhere(world: Any) -> None:
    client = world.client("ann")
    token = token_of(client, "/me/erasure")
    with transaction() as db_session:
        sessions.revoke(db_session, person_id=world.ids["ann"], now=utcnow())
    for path in ("/me/erasure", "/me/name", "/me/vendor"):
        answer = client.post(path, data={"csrf_token": token, "sure": "y", "name": "New"})
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in"), path
    assert world.person("ann").name == "Ann Attendee"


def test_r_t09_a_right_at_one_show_is_no_right_at_the_next(world: Any) -> None:
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        person = db_session.merge(world.person("otto"))
        factories.member(db_session, organizer=world.organizer, person=person, roles=["owner"], event=world.show())
        slug = other.slug
    client = world.client("otto")
    assert client.get(f"/manage/shows/{world.slug}").status_code == 200
    for page in ("", "/orders", "/attendees", "/team", "/tokens", "/door", "/money"):
        assert client.get(f"/manage/shows/{slug}{page}").status_code == 404, page
    for page in ("team", "tokens", "details", "shows/new", "imports/new", "series"):
        assert client.get(f"/manage/organizers/{world.organizer.slug}/{page}").status_code == 404, page
    assert post(client, f"/manage/shows/{world.slug}/clones", {"name": "Mine"}).status_code == 403


def test_weaknesses_are_reported_to_the_address_of_the_settings(
    app: Flask, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/.well-known/security.txt"
    assert world.client().get(path).status_code == 404
    settings = app.extensions["swapmeet_settings"].with_values(admin_email="admin@example.org")
    monkeypatch.setitem(app.extensions, "swapmeet_settings", settings)
    answer = world.client().get(path)
    assert answer.mimetype == "text/plain"
    assert answer.get_data(as_text=True).startswith(
        "Contact: mailto:admin@example.org\nExpires: 2027-05-24T00:00:00Z\n"
    )


@pytest.fixture
def strict_limits(app: Flask) -> Iterator[None]:
    """The limits as they are in production, counted from zero."""
    factor, web_security._factor = web_security._factor, 1
    web_security.limiter.reset()
    yield
    web_security._factor = factor
    web_security.limiter.reset()


def test_invitations_are_limited_since_each_is_a_mail_to_any_address(world: Any, strict_limits: None) -> None:
    client, path = world.client("olga"), f"/manage/organizers/{world.organizer.slug}/team/invitations"
    token = token_of(client)
    data = {"csrf_token": token, "email": "new@example.org", "roles": "door"}
    statuses = [client.post(path, data=data).status_code for _ in range(61)]
    assert (statuses[0], statuses[-1]) == (303, 429)


# Odd requests ------------------------------------------------------------------------------------------------------


def test_r_t38_a_form_of_a_hundred_thousand_parts_is_too_large(world: Any) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    answer = world.client("ann").post(
        "/me/vendor", data=part * 100_000 + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


def test_r_t38_unknown_languages_leave_no_files(app: Flask, world: Any) -> None:
    before = sorted(Path(app.instance_path).rglob("*"))
    for number in range(200):
        assert world.client().get("/how-it-works", headers={"Accept-Language": f"x{number}-yy"}).status_code == 200
    assert sorted(Path(app.instance_path).rglob("*")) == before


@pytest.mark.parametrize(
    "path",
    ["/static/..%2fswapmeet/config.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/files/..%2f..%2fsecret_key",
     "/files/%2fetc%2fpasswd", "/files/listing.photo/../../secret_key"],
)  # fmt: skip
def test_r_t40_no_address_leads_out_of_the_folders(world: Any, path: str) -> None:
    assert world.client().get(path, follow_redirects=True).status_code == 404


# Markup, templates, documents --------------------------------------------------------------------------------------


def test_r_t16_a_search_for_a_name_with_markup_shows_it_as_text(world: Any) -> None:
    name = "<img src=x onerror=alert(1)>Zed"
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), price=0)
        build.buy(db_session, world.show(), {kind.id: 1}, names=[name], buyer=name)
    olga, manage = world.client("olga"), f"/manage/shows/{world.slug}"
    found = [olga.get(f"{manage}/{page}", query_string={"q": "Zed"}) for page in ("orders", "attendees")]
    found.append(post(olga, f"{manage}/door/entries", {"code": "Zed"}))
    asked = [world.client().get("/trades", query_string={"q": name}), world.client().get("/", query_string={"q": name})]
    for answer in [*found, *asked]:
        assert "<img src=x" not in answer.get_data(as_text=True), answer.request.path
    assert all("&lt;img src=x" in answer.get_data(as_text=True) for answer in found)


MUTATIONS = [
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<p><a href=\"java\tscript:alert(1)\">x</a><a href='&#106;avascript:alert(1)'>y</a></p>",
    '<a href="//evil.example" onclick="x" style="x" target=_top>z</a><iframe srcdoc="<script>1</script>">',
    "<p>a<!--><script>alert(1)</script>--></p><xmp><img src=x onerror=1></xmp><template><script>1</script></template>",
]


class Nodes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = {"href", "rel"} if tag == "a" else set()
        if tag not in RICH_TAGS or {name for name, _ in attrs} - allowed:
            self.live.append(f"{tag} {attrs}")
        href = (dict(attrs).get("href") or "http:").lower()
        if not href.startswith(("http:", "https:", "mailto:", "//")):
            self.live.append(f"link to {href}")


@pytest.mark.parametrize("markup", MUTATIONS)
def test_r_t19_nested_markup_leaves_no_live_node(markup: str) -> None:
    for cleaned in (clean_rich(markup), clean_rich(clean_rich(markup))):
        nodes = Nodes()
        nodes.feed(cleaned)
        assert nodes.live == [] and "onerror=alert(1)>" not in cleaned.replace("&lt;", "")


def test_r_t25_and_r_t26_markup_in_names_is_text_on_tickets_and_fetches_nothing(app: Flask) -> None:
    """Any of these would end the document if it were run, since nothing of it is there."""
    evil = '#panic("ran") #image("http://127.0.0.1:9/x.png") #read("/etc/passwd") $x$ *b* \\LaTeX @x <y> ]#eval("1/0")'
    ticket = {"name": evil, "kind": evil, "when": evil, "note": evil, "qr": "<svg/>", "code": evil, "badge": evil}
    ticket["qr"] = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
    data = {"title": evil, "paper": "a4", "lang": "en", "show": evil, "where": evil, "tickets": [ticket]}
    fonts = font_folders(Path(str(app.static_folder)), Path(app.instance_path))
    assert make_pdf("ticket.typ", data, fonts=fonts).startswith(b"%PDF")


# Logs and code -----------------------------------------------------------------------------------------------------


@pytest.fixture
def log(app: Flask) -> Iterator[io.StringIO]:
    """What the site would write to its log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger("swapmeet").addHandler(handler)
    yield stream
    logging.getLogger("swapmeet").removeHandler(handler)


def ask_the_database() -> None:
    db.session.execute(text("SELECT no_such_column FROM person WHERE email = :email"), {"email": ASKED_FOR})


def break_down() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("fault", [ask_the_database, break_down])
def test_a_broken_page_writes_no_address_and_no_values_into_the_log(
    app: Flask, world: Any, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], None]
) -> None:
    @public
    def broken(code: str, key: str) -> str:
        fault()
        return ""

    monkeypatch.setitem(app.view_functions, "orders.show_order", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = world.client().get("/orders/ABCDEFGH/this-is-the-secret-of-the-link?token=t0ken")
    assert answer.status_code >= 500
    written = log.getvalue()
    assert written and all(json.loads(line)["level"] for line in written.splitlines())
    assert "this-is-the-secret" not in written and "t0ken" not in written and ASKED_FOR not in written


def test_a_broken_constraint_is_logged_without_the_value(
    app: Flask, world: Any, log: io.StringIO, monkeypatch: Any
) -> None:
    @public
    def twice() -> str:
        with transaction() as db_session:
            factories.person(db_session, "Ann Attendee")
        return ""

    monkeypatch.setitem(app.view_functions, "web.how_it_works", twice)
    assert world.client().get("/how-it-works").status_code == 409
    assert "constraint refused" in log.getvalue()
    assert "ann.attendee@example.org" not in log.getvalue()


def imports() -> Iterator[tuple[str, str]]:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.relative_to(CODE).as_posix(), alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path.relative_to(CODE).as_posix(), node.module


def test_r_t39_nothing_but_the_mailer_opens_connections() -> None:
    out = re.compile(r"(socket|ssl|http\.client|urllib\.request|requests|httpx|urllib3|aiohttp|ftplib|smtplib)\b")
    assert {path for path, name in imports() if out.match(name)} == {"infra/mailer.py"}


def test_r_t42_nothing_unpickles_or_runs_what_was_stored() -> None:
    bad = re.compile(r"(pickle|marshal|shelve|dill|yaml|xml|lxml)\b")
    # These two read with expat alone and end at the first document type or entity (test_exchange, test_reading).
    without_entities = {"payments/statements/camt.py", "vendor_tables/layout/drawing_svg.py"}
    assert {row for row in imports() if bad.match(row[1])} == {(path, "xml.parsers") for path in without_entities}
    for path in without_entities:
        code = (CODE / path).read_text(encoding="utf-8")
        assert code.count("expat.ParserCreate(") == 1
        assert re.search(r"StartDoctypeDeclHandler = (self\._)?refuse\b", code)
        assert re.search(r"EntityDeclHandler = (self\._)?refuse\b", code)
    calls = re.compile(r"(?<![\w.])(?:eval|exec)\(|shell=True|os\.system")
    assert [str(path) for path in CODE.rglob("*.py") if calls.search(path.read_text(encoding="utf-8"))] == []


def test_no_secret_is_in_the_code() -> None:
    secret = re.compile(
        r"-----BEGIN|AKIA[0-9A-Z]{16}|(?:secret_key|password|token)\s*=\s*[\"'][A-Za-z0-9+/_-]{16,}[\"']", re.I
    )
    assert [str(path) for path in CODE.rglob("*.py") if secret.search(path.read_text(encoding="utf-8"))] == []
