"""Documents: asked for, waited for without script, rendered in a child process, never by the web process."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra import documents
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import Document, DocumentState, find_document, request_document
from swapmeet.infra.files import StoredFile, list_keys
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.pdf import PdfError, font_folders, make_pdf
from swapmeet.infra.registry import DocumentKind
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order
from swapmeet.orders.receipt_pdf import load_receipt
from tests.orders.conftest import Shop, fresh
from tests.support.forms import post

FORGET = documents.FORGET_JOB
FONTS = font_folders(Path("static"), Path("nowhere"))


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def link(order: Order) -> str:
    return f"/orders/{order.code}/{order.link_key}"


def test_a_receipt_is_asked_for_waited_for_and_read(client: Any, shop: Shop, mail: Any) -> None:
    order = shop.order((shop.quota(price=1234, name="Weekend \\ #set *bold* $x$ @ref <b>"), 2))
    answer = post(client, f"{link(order)}/receipts")
    url = answer.headers["Location"]
    page = client.get(url)
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in text(page)
    assert post(client, f"{link(order)}/receipts").headers["Location"] == url, "asked twice, made once"
    mail.deliver_all()
    page = client.get(url)
    assert page.content_type == "application/pdf"
    assert page.data.startswith(b"%PDF-")
    assert f'filename="receipt-{order.code}.pdf"' in page.headers["Content-Disposition"]
    assert page.headers["Cache-Control"] == "no-store"


def test_a_wrong_token_is_404(client: Any) -> None:
    assert client.get("/documents/nothing-like-that").status_code == 404


def render_here(token: str) -> None:
    """What the child process does, in this one: the kinds of the test are known here only."""
    document = find_document(db.session(), token)
    assert document is not None
    payload = {"document_id": document.id}
    prepared = documents.prepare(payload)
    with transaction() as db_session:
        documents.keep(db_session, payload, now=utcnow(), prepared=prepared)


def test_what_is_gone_and_what_cannot_be_made_is_told(app: Any, client: Any) -> None:
    registry = app.extensions["swapmeet_registry"]
    registry.documents["test.gone"] = DocumentKind("receipt.typ", lambda *a: None, lambda payload: "x.pdf")
    registry.documents["test.bad"] = DocumentKind("receipt.typ", lambda *a: {"no": "title"}, lambda payload: "x.pdf")
    with transaction() as db_session:
        tokens = [
            request_document(db_session, kind=kind, payload={}, now=utcnow()) for kind in ("test.gone", "test.bad")
        ]
        with pytest.raises(LookupError):
            request_document(db_session, kind="test.unknown", payload={}, now=utcnow())
    for token in tokens:
        render_here(token)
    fresh()
    assert {document.state for document in db.session.query(Document)} == {DocumentState.FAILED}
    assert "not there any more" in text(client.get(f"/documents/{tokens[0]}"))
    assert "could not be made" in text(client.get(f"/documents/{tokens[1]}"))
    del registry.documents["test.gone"], registry.documents["test.bad"]


def test_old_documents_are_forgotten_with_their_files(shop: Shop, client: Any, clock: Any) -> None:
    order = shop.order((shop.quota(price=1234), 1))
    before = list_keys()
    url = post(client, f"{link(order)}/receipts").headers["Location"]
    render_here(url.rpartition("/")[2])
    assert len(list_keys() - before) == 1
    clock.advance(days=2, seconds=1)
    with transaction() as db_session:
        documents.ask_to_forget(db_session, now=utcnow())
        assert db_session.scalar(select(Job.kind).where(Job.state == JobState.READY, Job.kind == FORGET)) == FORGET
        documents.forget_old(db_session, {}, now=utcnow())
    assert list_keys() == before
    assert db.session.query(Document).count() == db.session.query(StoredFile).count() == 0


def test_names_in_any_script_are_data_and_never_markup() -> None:
    rows = [
        {"label": label, "detail": "#panic()", "amount": "$1", "strong": True} for label in ("\\", "#x", "中文 שלום")
    ]
    data = {"title": ']#panic("x")[', "lang": "en", "paper": "a4", "facts": [["a", "*b*"]], "rows": rows}
    assert make_pdf("receipt.typ", {**data, "note": "$", "footer": "@x"}, fonts=FONTS).startswith(b"%PDF-")
    with pytest.raises(PdfError):
        make_pdf("receipt.typ", {}, fonts=FONTS)


def test_a_receipt_has_the_sums_of_its_order(shop: Shop) -> None:
    order = shop.order((shop.quota(price=1234), 2))
    shop.pay(order.id, 468)
    fresh()
    data = load_receipt(db.session(), {"order_id": order.id, "code": order.code}, utcnow())
    assert data is not None
    amounts = {row["label"]: row["amount"] for row in data["rows"]}
    assert amounts == {"2 × Weekend": "$24.68", "Total": "$24.68", "Check, 1234": "$4.68", "Still to pay": "$20.00"}
    assert data["paper"] == "us-letter"
    assert load_receipt(db.session(), {"order_id": 0, "code": ""}, utcnow()) is None


def test_the_web_process_never_loads_typst_or_the_other_big_libraries() -> None:
    program = (
        "import sys; from pathlib import Path; from swapmeet.config import Settings; "
        "from swapmeet.factory import create_app; "
        f"create_app(Settings(env='test', instance_path=Path({str(Path('/tmp') / 'swapmeet-typst-test')!r}), "
        "secret_key='x' * 40)); print(sorted({'typst', 'scipy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_page_takes_less_than_40_ms_of_cpu() -> None:
    data = {"title": "Receipt 1", "lang": "en", "paper": "a4", "facts": [["Show", "Fair"]], "note": "", "footer": ""}
    data["rows"] = [{"label": "Weekend", "detail": "both days", "amount": "$24.00", "strong": False}] * 8
    make_pdf("receipt.typ", data, fonts=FONTS)
    spent = []
    for _ in range(5):
        start = time.process_time()
        make_pdf("receipt.typ", data, fonts=FONTS)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.04, spent
