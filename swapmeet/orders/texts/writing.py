"""Own texts of a show: found for a mail, saved, given up; and the values their placeholders have for an order."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.order_view import OrderView
from swapmeet.orders.texts.filling import unknown_in
from swapmeet.orders.texts.models import MailText
from swapmeet.web.filters import babel_locale, day_range, local_day, money


def language_of(event: Event) -> str:
    """Of the show: texts are kept for each, so that another language does not get the words of this one."""
    return babel_locale(event.locale).partition("_")[0]


def find_text(db_session: Session, event: Event, kind: str) -> MailText | None:
    return db_session.get(MailText, (event.id, kind, language_of(event)))


def list_own_kinds(db_session: Session, event: Event) -> set[str]:
    """Kinds of mail in which the show has its own words."""
    own = select(MailText.kind).where(MailText.event_id == event.id, MailText.language == language_of(event))
    return set(db_session.scalars(own))


def check_text(text: str, field: str) -> None:
    """Raises Invalid, naming what stands in braces and is no placeholder."""
    if unknown := unknown_in(text):
        names = ", ".join(f"{{{name}}}" for name in unknown[:5])
        raise Invalid(f"There is no placeholder {names}. Use only those in the list.", field=field)


def save_text(
    db_session: Session, *, event: Event, kind: str, subject: str, body: str, by: Actor, now: datetime
) -> None:
    """These words from now on, also in mails that wait to be sent. Raises Invalid for a placeholder that is none."""
    check_text(subject, "subject")
    check_text(body, "body")
    lock(db_session, event)
    known = find_text(db_session, event, kind)
    if known is None:
        known = MailText(event_id=event.id, kind=kind, language=language_of(event), body=body, changed_at=now)
        db_session.add(known)
    known.subject, known.body, known.changed_at = subject, body, now
    record(db_session, now=now, by=by, verb="mail_text.saved", subject=event, event_id=event.id, target=kind)
    db_session.flush()


def give_up_text(db_session: Session, *, event: Event, kind: str, by: Actor, now: datetime) -> None:
    """Back to the standard text; doing it twice changes nothing."""
    lock(db_session, event)
    known = find_text(db_session, event, kind)
    if known is not None:
        db_session.delete(known)
        record(db_session, now=now, by=by, verb="mail_text.given_up", subject=event, event_id=event.id, target=kind)
        db_session.flush()


def copy_texts(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The clone says the same; all languages go along."""
    for row in db_session.scalars(select(MailText).where(MailText.event_id == source.id)):
        values = {"kind": row.kind, "language": row.language, "subject": row.subject, "body": row.body}
        db_session.add(MailText(event_id=target.id, changed_at=now, **values))


def values_of(view: OrderView, link: str) -> dict[str, str]:
    """What each placeholder stands for in a mail about this order."""
    order, event = view.order, view.event
    due = local_day(order.due_at, event.time_zone, event.locale) if order.due_at else ""
    return {
        "name": order.buyer_name,
        "order": order.code,
        "show": event.name,
        "days": day_range(event.first_day, event.last_day, event.locale),
        "place": ", ".join(part for part in (event.venue_name, event.venue_address) if part),
        "total": money(order.total_minor, order.currency, event.locale),
        "owed": money(max(0, view.due_now), order.currency, event.locale),
        "due": due,
        "how to pay": event.payment_instructions,
        "organizer": event.organizer.name,
        "link": link,
    }
