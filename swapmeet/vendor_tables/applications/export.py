"""Applications as rows of a spreadsheet."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.time import to_local
from swapmeet.vendor_tables.applications import fees, queries
from swapmeet.vendor_tables.applications.models import TieKind
from swapmeet.vendor_tables.applications.queries import ApplicationFilter
from swapmeet.vendor_tables.applications.states import LABELS

HEADER = (
    "number", "name", "sells", "kind of wares", "state", "late", "sent", "tables", "table kind", "wishes", "corner",
    "amps", "step-free", "display height mm", "near", "not next to", "points", "member", "score", "scores", "email",
    "phone", "website", "note", "team note", "fee not paid",
)  # fmt: skip
MOST = 100_000


def header(blocks: Sequence[Any]) -> list[str]:
    """The headings, with the organizer's own questions last."""
    return [*HEADER, *(each.label for block in blocks for each in block.questions)]


def rows(db_session: Session, event: Event, blocks: Sequence[Any]) -> list[Sequence[object]]:
    """One row an application, by when it was sent. Eight queries, however many there are."""
    found = list(db_session.scalars(queries.filtered(event.id, ApplicationFilter()).limit(MOST)))
    standings = queries.standings_of(
        db_session, organizer_id=event.organizer_id, vendor_ids=[row.vendor_id for row in found]
    )
    scores = queries.scores_of(db_session, event_id=event.id)
    unpaid = fees.unpaid_among(db_session, found)
    lines: list[Sequence[object]] = []
    for row in found:
        standing, scored, person = standings.get(row.vendor_id), scores.get(row.id), row.vendor.person
        ties = {kind: "; ".join(tie.name for tie in row.ties if tie.kind is kind) for kind in TieKind}
        sent = to_local(row.submitted_at, event.time_zone).strftime("%Y-%m-%d %H:%M") if row.submitted_at else ""
        lines.append(
            (
                row.id, row.name, row.sells, row.category.name if row.category else "", LABELS[row.state],
                "yes" if row.is_late else "", sent, row.table_count, row.type.name if row.type else "",
                "; ".join(wish.label for wish in row.wishes), "yes" if row.wants_corner else "", row.power_amps,
                "yes" if row.step_free else "", row.display_height_mm or "", ties[TieKind.NEAR], ties[TieKind.AWAY],
                standing.points if standing else 0, "yes" if standing and standing.is_member else "",
                f"{scored.mean:.1f}" if scored else "", scored.count if scored else 0, person.email if person else "",
                row.phone, row.website, row.note, row.staff_note, "yes" if row.id in unpaid else "",
                *(cell for block in blocks for cell in block.about(row.answers).cells()),
            )
        )  # fmt: skip
    return lines
