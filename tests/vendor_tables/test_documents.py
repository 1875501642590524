"""Papers asked of vendors: sent as PDF or photo, made anew, accepted or refused, reminded of, deleted in time."""

from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import delete_bytes, list_keys, read_file
from swapmeet.infra.invariants import files_and_rows_differ
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.vendor_tables.documents import parts, queries, services
from swapmeet.vendor_tables.documents.errors import BadDocument
from swapmeet.vendor_tables.documents.models import AskedDocument, DocumentState, VendorDocument
from swapmeet.vendor_tables.queries import find_vendor_of
from tests.support.forgetting import forget
from tests.support.forms import post
from tests.vendor_tables.floor import Floor

BY = Actor.person(1)
S = DocumentState


def picture() -> bytes:
    target = BytesIO()
    notes = Image.Exif()
    notes[0x010F] = "SECRETCAMERA"
    Image.new("RGB", (320, 240), (30, 120, 200)).save(target, "JPEG", exif=notes)
    return target.getvalue()


def pdf(pages: int = 1) -> bytes:
    """With a script that runs when it is opened."""
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    parts = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction 3 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>",
        "<</S/JavaScript/JS(app.alert\\(1\\))>>",
        *("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Resources<<>>>>" for _ in range(pages)),
    ]
    text, offsets = "%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{part}\nendobj\n"
    rows = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(parts) + 1
    tail = f"trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF\n"
    return (text + f"xref\n0 {size}\n0000000000 65535 f \n{rows}" + tail).encode()


class Desk:
    """A show that asks for one paper, and Vic who has table A01."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.world = floor, floor.world
        for key in list_keys():
            delete_bytes(key)
        floor.buy("A01", who="vic")
        self.asked_id = self.ask("Insurance certificate")
        vendor = find_vendor_of(db.session(), person_id=self.world.ids["vic"])
        assert vendor is not None
        self.vendor_id = vendor.id
        self.own = f"/shows/{self.world.slug}/documents"
        self.team = f"/manage/shows/{self.world.slug}/documents"
        self.one = f"{self.team}/{self.asked_id}/vendors/{self.vendor_id}"

    def ask(self, name: str, **more: Any) -> int:
        show = self.world.show()
        values = {"due_on": show.first_day - timedelta(days=10), "purge_on": show.last_day + timedelta(days=30), **more}
        with transaction() as db_session:
            paper = services.Paper(name, **values)
            return services.ask(db_session, event=self.world.show(), paper=paper, asked=None, by=BY, now=utcnow()).id

    def send(self, content: bytes, name: str = "paper.jpg", who: str = "vic") -> Any:
        data = {"file": (BytesIO(content), name)}
        return post(self.world.client(who), f"{self.own}/{self.asked_id}", data, content_type="multipart/form-data")

    def row(self) -> VendorDocument | None:
        db.session.rollback()
        return queries.find_document(db.session(), asked_id=self.asked_id, vendor_id=self.vendor_id)

    def decide(self, verdict: str, reason: str = "", seen: int | None = None, **more: str) -> Any:
        row = self.row()
        data = {
            "verdict": verdict,
            "reason": reason,
            "seen": str(row.moves if row and seen is None else seen or 0),
            **more,
        }
        return post(self.world.client("olga"), f"{self.one}/decisions", data)

    def work(self) -> None:
        db.session.rollback()
        handlers = self.world.app.extensions["swapmeet_registry"].jobs
        Worker(self.world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
        db.session.rollback()

    def read(self, address: str, who: str = "olga") -> str:
        answer = self.world.client(who).get(address)
        assert answer.status_code == 200, address
        return str(answer.get_data(as_text=True))


@pytest.fixture
def desk(floor: Floor) -> Desk:
    return Desk(floor)


def test_a_photo_is_sent_refused_with_a_reason_and_sent_again(desk: Desk, mail: Any) -> None:
    assert "1 document" in desk.read("/me/tables", "vic") and "Insurance certificate" in desk.read(desk.own, "vic")
    assert desk.send(picture()).status_code == 303
    row = desk.row()
    assert row is not None and row.state is S.SENT and row.moves == 1
    seen = desk.world.client("olga").get(f"{desk.one}/file")
    assert seen.headers["Content-Type"] == "image/webp" and b"SECRETCAMERA" not in seen.data
    assert "1 document of vendors to check" in desk.read(f"/manage/shows/{desk.world.slug}")
    assert desk.decide("refused").status_code == 422, "a no needs a reason"
    assert desk.decide("refused", "It ends before the show.", is_told="y").status_code == 303
    desk.work()
    assert any("It ends before the show." in mail.text(letter) for letter in mail.to("vic.vendor@example.org"))
    assert "It ends before the show." in desk.read(desk.own, "vic")
    assert desk.send(picture()).status_code == 303
    assert desk.decide("accepted").status_code == 303
    desk.work()
    row = desk.row()
    assert row is not None and row.state is S.ACCEPTED and row.reason == ""
    late = desk.send(picture())
    assert late.status_code == 409 and "accepted already" in late.text
    assert len(list_keys()) == 1 and files_and_rows_differ(db.session(), utcnow()) == []


def test_of_a_pdf_only_the_pages_stay(desk: Desk) -> None:
    assert b"JavaScript" in pdf()
    assert desk.send(pdf(2), "Certificate.pdf").status_code == 303
    answer = desk.world.client("vic").get(f"{desk.own}/{desk.asked_id}/file")
    assert answer.headers["Content-Type"] == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert (
        answer.headers["Content-Disposition"].startswith("attachment")
        and "sandbox" in answer.headers["Content-Security-Policy"]
    )
    assert b"JavaScript" not in answer.data and len(pypdfium2.PdfDocument(answer.data)) == 2
    assert "Open the PDF" in desk.read(desk.one) and "Certificate.pdf" in desk.read(desk.one)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a PDF or a photo first."),
        (b"%PDF-1.7 nonsense", "This PDF cannot be read."),
        (b"<svg onload='alert(1)'/>", "This is not a picture we can use."),
        (picture()[:200], "This picture is damaged"),
        (b"\xff\xd8\xff" + b"x" * (10 * 1024 * 1024), "larger than 10 MB"),
        (pdf(41), "This PDF has 41 pages."),
    ],
    ids=["nothing", "broken pdf", "markup", "cut off", "too large", "too many pages"],
)
def test_what_cannot_be_used_is_told_at_its_field_and_kept_nowhere(desk: Desk, content: bytes, words: str) -> None:
    answer = desk.send(content)
    assert answer.status_code == 422 and words in answer.text and 'id="file-error"' in answer.text
    assert desk.row() is None and list_keys() == set()


def test_only_its_vendor_and_the_team_see_it(desk: Desk) -> None:
    desk.send(picture())
    desk.floor.buy("B01", who="ann", sign="Ann")
    for who in ("ann", "tess"):
        assert desk.world.client(who).get(f"{desk.own}/{desk.asked_id}/file").status_code == 404
        assert desk.world.client(who).get(f"{desk.one}/file").status_code == 404
    assert desk.world.client("tess").get(desk.own).status_code == 404, "she has no table"
    assert desk.send(picture(), who="tess").status_code == 404
    assert all(desk.world.client("vic").get(f"/files/{key}").status_code == 404 for key in list_keys())


def test_nobody_accepts_a_file_they_have_not_looked_at(desk: Desk) -> None:
    desk.send(picture())
    desk.send(picture())
    answer = desk.decide("accepted", seen=1)
    assert answer.status_code == 409 and "Another file has come" in answer.text
    row = desk.row()
    assert row is not None and row.state is S.SENT


def test_the_desk_notes_what_it_has_seen_on_paper(desk: Desk) -> None:
    assert post(desk.world.client("olga"), f"{desk.one}/paper", {}).status_code == 303
    row = desk.row()
    assert row is not None and row.state is S.ACCEPTED and row.file_id is None
    assert "Accepted" in desk.read(desk.team)
    with transaction() as db_session, pytest.raises(IllegalTransition):
        again = db_session.get_one(VendorDocument, row.id)
        services.decide(
            db_session, document=again, target=S.ACCEPTED, reason="", seen=1, is_told=False, by=BY, now=utcnow()
        )


def test_the_board_and_the_list_show_who_is_waited_for(desk: Desk) -> None:
    desk.floor.buy("B01", who="ann", sign="Ann’s Stall")
    desk.send(picture())
    board = f"/manage/shows/{desk.world.slug}/tables"
    assert "Waiting for documents" in desk.read(board)
    narrow = desk.read(f"{board}?documents=1")
    rows = narrow[narrow.index("All tables") :]
    assert ">B01<" in rows and ">A01<" not in rows
    assert "Tiny Works" not in desk.read(f"{desk.team}?state=waiting").split("Vendors and their documents")[1]
    assert "Tiny Works" in desk.read(f"{desk.team}?state=sent")


def test_who_has_not_sent_it_is_reminded_once_a_week_before(desk: Desk, clock: Any, mail: Any) -> None:
    due = db.session.get_one(AskedDocument, desk.asked_id).due_on

    def told(days_before: int) -> int:
        clock.set(datetime.combine(due - timedelta(days=days_before), time(15), UTC))
        with transaction() as db_session:
            parts.run_clocks(db_session, utcnow())
        desk.work()
        return sum("Insurance certificate, by" in mail.text(letter) for letter in mail.to("vic.vendor@example.org"))

    assert [told(9), told(6), told(5)] == [0, 1, 1]


def test_what_was_sent_is_deleted_after_its_day(desk: Desk, clock: Any) -> None:
    desk.send(picture())
    last = db.session.get_one(AskedDocument, desk.asked_id).purge_on
    clock.set(datetime.combine(last + timedelta(days=4), time(15), UTC))
    assert parts.kept_too_long(db.session(), utcnow())
    with transaction() as db_session:
        parts.run_clocks(db_session, utcnow())
    desk.work()
    assert desk.row() is None and list_keys() == set() and not parts.kept_too_long(db.session(), utcnow())


def test_it_is_taken_along_with_ones_own_data_and_erased(desk: Desk) -> None:
    desk.send(picture())
    part = next(each for each in registry().personal_data if each.name == "vendor documents")
    (own,) = part.export(db.session(), person_id=desk.world.ids["vic"])
    assert own["document"] == "Insurance certificate" and read_file(own["file"])
    with transaction() as db_session:
        forget(db_session, desk.world.ids["vic"])
    desk.work()
    assert desk.row() is None and list_keys() == set()


def test_the_organizer_asks_changes_and_stops_asking(desk: Desk) -> None:
    show = desk.world.show()
    good = {"name": "Permit", "help": "A photo will do.", "due_on": show.first_day.isoformat(),
            "purge_on": show.last_day.isoformat(), "reminds": "y"}  # fmt: skip
    for change, words in (
        ({"name": ""}, "Write a name"), ({"name": "insurance CERTIFICATE"}, "already"), ({"due_on": "soon"}, "Write a day"),
        ({"purge_on": "2001-01-01"}, "This is before the day it is needed."),
        ({"due_on": (show.last_day + timedelta(days=1)).isoformat(), "purge_on": (show.last_day + timedelta(days=3)).isoformat()},
         "before the show is over"),
    ):  # fmt: skip
        answer = post(desk.world.client("olga"), f"{desk.team}/new", {**good, **change})
        assert answer.status_code == 422 and words in answer.text and "A photo will do." in answer.text
    assert post(desk.world.client("olga"), f"{desk.team}/new", good).status_code == 303
    assert "2 documents" in desk.read("/me/tables", "vic")
    post(desk.world.client("olga"), f"{desk.team}/{desk.asked_id}/asking", {"asked": "no"})
    assert desk.send(picture()).status_code == 404 and "1 document" in desk.read("/me/tables", "vic")
    with pytest.raises(BadDocument):
        desk.ask("Permit")


def test_a_clone_asks_for_the_same_and_has_nothing_of_what_was_sent(desk: Desk) -> None:
    desk.send(picture())
    with transaction() as db_session:
        show = desk.world.show()
        wish = CloneWish("Next year", show.first_day + timedelta(days=364))
        clone = clone_event(db_session, source=show, wish=wish, by=BY, now=utcnow())
        (asked,) = queries.list_asked(db_session, event_id=clone.id)
        assert asked.due_on == db_session.get_one(AskedDocument, desk.asked_id).due_on + timedelta(days=364)
        assert queries.documents_of(db_session, event_id=clone.id) == {}
