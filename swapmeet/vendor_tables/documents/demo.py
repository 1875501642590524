"""Demo: one show asks its vendors for two papers; some have come, one is accepted, one is not."""

from datetime import timedelta

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra import demo_pictures, pictures
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.documents import queries, services
from swapmeet.vendor_tables.documents.models import AskedDocument, DocumentState
from swapmeet.vendor_tables.models import Vendor

MOST = 5  # vendors who have sent something
PAPERS = (
    ("Insurance certificate", "It names our club and covers the days of the show.", 10),
    ("Seller’s permit", "A photo of the front is enough.", 3),
)


def fill(db_session: Session, stage: Stage) -> None:
    """The published show with most vendors; without one nothing happens."""
    shows = [
        event for event in stage.events if event.state is EventState.PUBLISHED and event.first_day > stage.now.date()
    ]
    found = [(event, queries.list_senders(db_session, event_id=event.id)) for event in shows]
    event, senders = max(found, key=lambda pair: len(pair[1]), default=(None, []))
    if event is None or not senders or queries.asks(db_session, event_id=event.id):
        return
    by = Actor.job("demo")
    asked = [
        services.ask(
            db_session, event=event, paper=_paper(event, *paper), asked=None, by=by, now=stage.now - timedelta(days=20)
        )
        for paper in PAPERS
    ]
    content = pictures.encode(demo_pictures.draw_photo("books", 0)).large
    for number, sender in enumerate(senders[:MOST]):
        _send(db_session, stage, event, asked[number % 2], sender.vendor_id, number, content)


def _paper(event: Event, name: str, help_: str, days_before: int) -> services.Paper:
    return services.Paper(
        name, event.first_day - timedelta(days=days_before), event.last_day + timedelta(days=60), help_
    )


def _send(
    db_session: Session, stage: Stage, event: Event, asked: AskedDocument, vendor_id: int, number: int, content: bytes
) -> None:
    vendor, at = db_session.get_one(Vendor, vendor_id), stage.now - timedelta(days=6 - number)
    by = Actor.job("demo")
    if number == 0:
        services.note_paper(db_session, event=event, asked=asked, vendor=vendor, by=by, now=at)
        return
    scan = services.Scan(content, ".webp", "image/webp", "paper.jpg")
    row = services.send(db_session, event=event, asked=asked, vendor=vendor, scan=scan, by=by, now=at)
    if number in (2, 3):
        target, reason = (
            (DocumentState.ACCEPTED, "") if number == 2 else (DocumentState.REFUSED, "It ends before the show.")
        )
        services.decide(
            db_session, document=row, target=target, reason=reason, seen=row.moves, is_told=False, by=by,
            now=at + timedelta(hours=8),
        )  # fmt: skip
