"""The log of a show read for people: a filter, the entries, and each one in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry

MIDNIGHT = time(0)

SUBJECTS = {
    "Event": "The show",
    "Hall": "Halls",
    "SalePeriod": "Sale periods",
    "Policy": "Policies",
    "Announcement": "News",
    "Order": "Orders",
    "OrderLine": "Order lines",
    "Payment": "Payments",
    "Refund": "Refunds",
    "Quota": "Capacities",
    "WaitingEntry": "Waiting list",
    "Voucher": "Codes",
    "TicketType": "Ticket types",
    "Question": "Questions",
    "Reservation": "Table reservations",
    "Application": "Vendor applications",
    "TablePlace": "Tables",
    "PlacingRun": "Placing runs",
    "PlacingDraw": "Sealed draws",
    "ProgramSession": "Program sessions",
    "SignUp": "Sign-ups",
    "Badge": "Badges",
    "CheckIn": "The door",
    "Listing": "Trade listings",
    "Offer": "Trade offers",
    "TeamMember": "The team",
    "Invitation": "Invitations",
}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the log is narrowed by; empty values mean everything. Days are on the show's calendar."""

    subject: str = ""
    who: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.subject or self.who or self.words or self.since or self.until)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry in words."""

    at: datetime
    who: str
    deed: str
    about: str
    change: str
    reason: str
    details: list[tuple[str, str]]


def read_filter(arguments: Mapping[str, str]) -> LogFilter:
    """From the address; what makes no sense is left out."""
    return LogFilter(
        subject=_plain(arguments.get("about", ""))[:64],
        who=_plain(arguments.get("who", "")),
        words=_plain(arguments.get("q", "")),
        since=_day(arguments.get("since", "")),
        until=_day(arguments.get("until", "")),
    )


def entries(*, event_id: int, wanted: LogFilter, since: datetime | None, until: datetime | None) -> Select[AuditEntry]:
    """A show's entries, newest first."""
    statement = select(AuditEntry).where(AuditEntry.event_id == event_id)
    if wanted.subject:
        statement = statement.where(AuditEntry.subject == wanted.subject)
    if wanted.who:
        statement = statement.where(AuditEntry.actor_label.icontains(wanted.who, autoescape=True))
    if wanted.words:
        in_verb = AuditEntry.verb.icontains(wanted.words.replace(" ", "_"), autoescape=True)
        statement = statement.where(in_verb | AuditEntry.reason.icontains(wanted.words, autoescape=True))
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    if until is not None:
        statement = statement.where(AuditEntry.at < until)
    return statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def list_subjects(db_session: Session, *, event_id: int) -> list[tuple[str, str]]:
    """What the log of a show is about, for the filter: (value, words)."""
    found = db_session.scalars(select(AuditEntry.subject).where(AuditEntry.event_id == event_id).distinct())
    return [("", "Everything"), *sorted(((name, subject_words(name)) for name in found), key=lambda pair: pair[1])]


def _who(entry: AuditEntry) -> str:
    """A job's own name ("expiry") means nothing to people; the program did it."""
    if entry.actor_kind == "job":
        return "Swapmeet, by itself"
    return entry.actor_label or {"guest": "A guest", "command": "A command"}.get(entry.actor_kind, "Somebody")


def line_of(entry: AuditEntry, *, sees_money: bool) -> LogLine:
    """An entry in words. Sums are left out for those who do not see money."""
    change = f"{_spaced(entry.origin)} → {_spaced(entry.target)}" if entry.origin and entry.target else ""
    return LogLine(
        at=entry.at,
        who=_who(entry),
        deed=_spaced(entry.verb.replace(".", ": ", 1)),
        about=_about(entry),
        change=change,
        reason=entry.reason,
        details=_details(entry.facts, sees_money),
    )


def _about(entry: AuditEntry) -> str:
    """The thing's own name or code where the entry has one, else its kind and number."""
    name = next((str(entry.facts[key]) for key in ("name", "label", "title", "code") if entry.facts.get(key)), "")
    if entry.subject == "Event":
        return SUBJECTS["Event"]
    return f"{subject_words(entry.subject)}: {name[:80] or f'number {entry.subject_id}'}"


def subject_words(name: str) -> str:
    return SUBJECTS.get(name) or "".join(f" {ch.lower()}" if ch.isupper() else ch for ch in name).strip().capitalize()


def _details(facts: Mapping[str, Any], sees_money: bool) -> list[tuple[str, str]]:
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = [(_spaced(key), f"{_short(before.get(key))} → {_short(after[key])}") for key in after]
    else:
        pairs = [(_spaced(key), _short(value)) for key, value in facts.items() if sees_money or not _is_money(key)]
    return [(key, value) for key, value in pairs if value][:20]


def _is_money(key: str) -> bool:
    return key.endswith("_minor") or key in ("amount", "total", "price", "before", "after")


def _short(value: Any) -> str:
    text = "nothing" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _spaced(text: str | None) -> str:
    return (text or "").replace("_", " ")


def _plain(text: str) -> str:
    return "".join(ch for ch in text[:200] if ch.isprintable()).strip()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text.isascii() and len(text) == 10 else None
    except ValueError:
        return None
    return day if day and 1990 <= day.year <= 2100 else None
