"""Ticket, receipt, invoice and credit note with names in Latin, Vietnamese, Cyrillic and CJK: no box, nothing lost or off the sheet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra import invariants, pdf
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.letters import font_files, letters_without
from swapmeet.infra.uow import transaction
from swapmeet.orders.receipt_pdf import DOCUMENT as RECEIPT
from swapmeet.orders.services.cancellations import cancel_order
from swapmeet.payments.invoice_pdf import DOCUMENT as INVOICE
from swapmeet.payments.models import Invoice
from swapmeet.payments.services import invoicing
from swapmeet.registration.tickets import DOCUMENT as TICKETS
from tests.payments.test_statements import TREASURER
from tests.registration import build
from tests.support.forms import post
from tests.support.papers import boxes_in, off_the_sheet, text_of

FONTS = pdf.font_folders(Path("static"), Path("nowhere"))
NAMES = {
    "latin": "Åsa Ñuñez-Łukaszewicz ffi Großmann",
    "vietnamese": "Nguyễn Thị Ánh Tuyết Đặng Hữu Phước",
    "cyrillic": "Юлия Щёголева Їжакевич Ђорђевић",
    "cjk": "陈小龙 黃龍雲 髙橋さくら サトウ 𠮷野 김철수 힣",
}

pytestmark = pytest.mark.only("sqlite")


def papers(world: Any, name: str) -> Iterator[tuple[str, bytes]]:
    """The four documents of somebody of this name, as the job makes them."""
    with transaction() as db_session:
        event = world.show()
        event.name, event.venue_name = f"{name} Expo", f"{name} Hall"
        kind = build.ticket_type(db_session, event, name)
        order = build.buy(db_session, event, {kind.id: 1}, names=[name], buyer=name)
        invoicing.issue_invoice(db_session, order=order, address=f"{name}\n1 {name} Road", by=TREASURER, now=utcnow())
        order_id, code = order.id, order.code
    yield "ticket", _made(TICKETS, {"order_id": order_id, "event_id": world.event_id})
    yield "receipt", _made(RECEIPT, {"order_id": order_id, "code": code})
    with transaction() as db_session:
        order = db_session.get_one(type(order), order_id)
        ending = {"seen_back_minor": order.total_minor, "full_refund": True, "reason": f"{name} is ill"}
        cancel_order(db_session, event=world.show(), order=order, by=TREASURER, now=utcnow(), **ending)
    rows = db.session.execute(select(Invoice.id, Invoice.kind).order_by(Invoice.id)).all()
    assert [row.kind.value for row in rows] == ["invoice", "credit_note"]
    for row in rows:
        yield row.kind.value, _made(INVOICE, {"invoice_id": row.id})


def _made(kind: Any, payload: dict[str, Any]) -> bytes:
    data = kind.load(db.session(), payload, utcnow())
    assert data is not None
    fitted = pdf.fit_letters(data, FONTS)
    assert fitted.unknown == ""
    return pdf.print_pdf(kind.template, fitted)


@pytest.mark.parametrize("script", list(NAMES))
def test_all_four_papers_print_names_of_each_script(world: Any, script: str) -> None:
    seen = []
    for paper, content in papers(world, NAMES[script]):
        assert boxes_in(content) == 0, paper
        assert off_the_sheet(content) == "", paper
        assert NAMES[script].split()[0] in text_of(content) and NAMES[script].split()[-1] in text_of(content), paper
        seen.append(paper)
    assert seen == ["ticket", "receipt", "invoice", "credit_note"]


def test_the_longest_name_without_a_space_stays_on_the_sheet(world: Any) -> None:
    for paper, content in papers(world, "W" * 120):
        assert off_the_sheet(content) == "", paper


def test_without_its_font_a_name_would_be_boxes_and_the_doctor_says_so(world: Any, monkeypatch: Any) -> None:
    """The control: the check of glyphs finds boxes when they are there, and no installation lacks the font in silence."""
    data = {"title": "Receipt", "lang": "en", "paper": "a4", "facts": [["For", "陈小龙"]], "rows": []}
    data |= {"note": "", "footer": ""}
    fitted = pdf.fit_letters(data, FONTS)
    lacking = pdf.Fitted(fitted.text, FONTS[:1], "")
    assert (boxes_in(pdf.print_pdf("receipt.typ", fitted)), boxes_in(pdf.print_pdf("receipt.typ", lacking))) == (0, 3)
    assert invariants.names_that_print_as_boxes(db.session(), utcnow()) == []
    monkeypatch.setattr(pdf, "EAST_ASIAN", "no_such_package")
    found = invariants.names_that_print_as_boxes(db.session(), utcnow())
    assert [sentence.split()[3] for sentence in found] == ["Chinese", "Japanese", "Korean"]


def test_letters_that_no_font_has_are_told_before_the_document_opens(world: Any, mail: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event)
        order = build.buy(db_session, event, {kind.id: 1}, buyer="Zoë 😀 שלום e\u0301\u200d")
        link = f"/orders/{order.code}/{order.link_key}"
    client = world.client()
    url = post(client, f"{link}/receipts").headers["Location"]
    mail.deliver_all()
    page = client.get(url)
    html = page.get_data(as_text=True)
    assert page.status_code == 200 and "No font here has ו ל ם ש 😀" in html
    content = client.get(f"{url}?as-it-is=1").data
    assert boxes_in(content) == 0 and "Zoë ? ???? é" in text_of(content)


def test_letters_are_found_in_every_kind_of_font_file(tmp_path: Path) -> None:
    files = [file for folder in FONTS for file in font_files(folder)]
    assert letters_without("aẬЩ\u0301漢か한𠮷", files) == set()
    assert letters_without("aẬ漢𠮷\uffff", files[:1]) == {"漢", "𠮷", "\uffff"}
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0" + b"\xff" * 40)
    (tmp_path / "LICENSE").write_text("words")
    assert letters_without("a", font_files(tmp_path)) == {"a"}
