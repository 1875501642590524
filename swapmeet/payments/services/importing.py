"""A statement file comes in: new lines are kept, known ones change nothing, each fault is kept with its line."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.payments.errors import StatementUnreadable
from swapmeet.payments.models import BankFault, BankLine, BankStatement
from swapmeet.payments.queries import known_fingerprints, list_dues
from swapmeet.payments.statements.entries import Entry, Fault, Printed, Statement, Unreadable, fingerprints
from swapmeet.payments.statements.matching import Matcher
from swapmeet.payments.statements.reading import read_statement

MONTH_FIRST_COUNTRIES = ("US", "CA", "PH", "BZ")
MOST_FAULTS = 500


def read_file(event: Event, content: bytes, *, day_first: bool | None) -> Statement:
    """The entries of a file. `day_first` None: as people in the show's country write days. Raises StatementUnreadable."""
    if day_first is None:
        country = event.country or event.locale.rpartition("-")[2]
        day_first = country not in MONTH_FIRST_COUNTRIES
    try:
        return read_statement(content, currency=event.currency, day_first=day_first)
    except Unreadable as error:
        raise StatementUnreadable(str(error), field="file") from error


def import_statement(
    db_session: Session, *, event: Event, read: Statement, file_name: str, by: Actor, now: datetime
) -> BankStatement:
    """Keep what is new of a file. No money moves: the treasurer records lines afterwards. Two imports wait for each other."""
    lock(db_session, event)
    printed = fingerprints(read.entries)
    brought = [each for each in printed if each.entry.amount_minor > 0]
    known = known_fingerprints(db_session, event_id=event.id, wanted=[each.fingerprint for each in brought])
    faults = [*read.faults, *_doubts(db_session, event, printed)]
    days = [entry.day for entry in read.entries]
    statement = BankStatement(
        event_id=event.id,
        file_name=file_name[:200],
        kind=read.kind,
        account=read.account,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        came_in=len(brought),
        known_before=sum(each.fingerprint in known for each in brought),
        went_out=len(printed) - len(brought),
        imported_at=now,
        imported_by=by.person_id,
    )
    db_session.add(statement)
    db_session.flush()
    _keep_lines(db_session, statement, brought, known)
    for fault in sorted(faults, key=lambda each: each.number or 0)[:MOST_FAULTS]:
        db_session.add(BankFault(statement_id=statement.id, number=fault.number, sentence=fault.sentence[:300]))
    record(
        db_session,
        now=now,
        by=by,
        verb="bank_statement.imported",
        subject=statement,
        new_lines=len(brought) - statement.known_before,
        known_lines=statement.known_before,
        faults=len(faults),
    )
    db_session.flush()
    return statement


def _keep_lines(db_session: Session, statement: BankStatement, brought: Sequence[Printed], known: set[str]) -> None:
    """Add the lines whose fingerprint is new. A bank's reference that comes twice in one file is one and the same money."""
    kept = set(known)
    for each in brought:
        if each.fingerprint in kept:
            continue
        kept.add(each.fingerprint)
        entry = each.entry
        db_session.add(
            BankLine(
                event_id=statement.event_id,
                statement_id=statement.id,
                number=entry.number,
                day=entry.day,
                amount_minor=entry.amount_minor,
                currency=entry.currency,
                payer=entry.payer,
                text=entry.text,
                bank_ref=entry.bank_ref,
                fingerprint=each.fingerprint,
                is_repeat=each.is_repeat,
            )
        )
    db_session.flush()


def _doubts(db_session: Session, event: Event, printed: Sequence[Printed]) -> list[Fault]:
    """Lines that stand twice in the file, and money that went out under the code of an order."""
    found = [Fault(each.entry.number, _repeat_words(each.entry)) for each in printed if each.is_repeat]
    out = [each.entry for each in printed if each.entry.amount_minor < 0]
    if out:
        matcher = Matcher(list_dues(db_session, event))
        for entry in out:
            named = matcher.codes_in(entry.text)
            if named:
                found.append(
                    Fault(
                        entry.number,
                        f"Money went out under the code of order {named[0].code}. Is this a refund, or is the sign wrong? "
                        "Nothing was recorded.",
                    )
                )
    return found


def _repeat_words(entry: Entry) -> str:
    if entry.bank_ref:
        return "The same entry, with the same reference of the bank, stands in this file before: it counts once."
    return (
        "The same day, sum and text stand in this file before. It waits below: record it only if the money came twice."
    )
