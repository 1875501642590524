"""Mails that go out by themselves some days before the show: written, approved, sent once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.events.services.setup import announce
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, NotFound, Refused
from swapmeet.kernel.time import to_local
from swapmeet.orders.announcements.models import RULE_MACHINE, MailRule, RuleState
from swapmeet.orders.announcements.sending import count_addresses, segments, send_news

SEND_FROM_HOUR = 9  # on the show's own clock: nobody is woken by it
AT_ONCE = 20


def list_rules(db_session: Session, event: Event) -> Sequence[MailRule]:
    """The next one first, then the others."""
    return db_session.scalars(
        select(MailRule).where(MailRule.event_id == event.id).order_by(MailRule.days_before.desc(), MailRule.id)
    ).all()


def get_rule(db_session: Session, *, event_id: int, rule_id: int) -> MailRule:
    """Raises NotFound, also for one of another show."""
    rule = db_session.scalar(select(MailRule).where(MailRule.event_id == event_id, MailRule.id == rule_id))
    if rule is None:
        raise NotFound("There is no such scheduled mail in this show.")
    return rule


def write_rule(
    db_session: Session,
    *,
    event: Event,
    title: str,
    body: str,
    segment: str,
    days_before: int,
    by: Actor,
    now: datetime,
    is_public: bool = False,
) -> MailRule:
    """Write one down; it waits to be approved. Raises Invalid for a segment that the show does not have."""
    if segment not in [value for value, _ in segments(db_session, event)]:
        raise Invalid("Choose who gets it.", field="segment")
    rule = MailRule(event_id=event.id, title=title, body=body, segment=segment, days_before=days_before, created_at=now)
    rule.state, rule.is_public = RuleState.WRITTEN, is_public
    db_session.add(rule)
    db_session.flush()
    record(db_session, now=now, by=by, verb="mail_rule.written", subject=rule, target="written", to=segment)
    return rule


def approve_rule(db_session: Session, *, rule: MailRule, by: Actor, now: datetime) -> None:
    """From now on it goes out on its day. Raises Refused when the show has begun, IllegalTransition."""
    event = db_session.get_one(Event, rule.event_id)
    if to_local(now, event.time_zone).date() > event.first_day:
        raise Refused("The show has begun: this mail would come too late.")
    _move(db_session, rule, RuleState.APPROVED, by, now)


def withdraw_rule(db_session: Session, *, rule: MailRule, by: Actor, now: datetime) -> None:
    """It is not sent. Raises IllegalTransition for one that was sent."""
    _move(db_session, rule, RuleState.WITHDRAWN, by, now)


def _move(db_session: Session, rule: MailRule, target: RuleState, by: Actor, now: datetime) -> None:
    lock(db_session, rule)
    origin = rule.state
    RULE_MACHINE.check(origin, target)
    rule.state = target
    if target is RuleState.SENT:
        rule.sent_at = now
    verb = f"mail_rule.{target.value}"
    record(db_session, now=now, by=by, verb=verb, subject=rule, origin=origin.value, target=target.value)
    db_session.flush()


def send_due(db_session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Send what is approved and whose day has come, each once: its row is locked and its state checked. Returns how many."""
    wanted = (
        select(MailRule, Event)
        .join(Event, Event.id == MailRule.event_id)
        .where(MailRule.state == RuleState.APPROVED, Event.state == EventState.PUBLISHED)
        .order_by(MailRule.id)
        .with_for_update(of=MailRule, skip_locked=True)
    )
    due = [(rule, event) for rule, event in db_session.execute(wanted) if _is_due(rule, event, now)]
    for rule, event in due[:limit]:
        _send(db_session, rule, event, now)
    return len(due[:limit])


def _is_due(rule: MailRule, event: Event, now: datetime) -> bool:
    """Its day has come, at nine; a show that has begun gets no more of them."""
    local = to_local(now, event.time_zone)
    starts_on = rule.goes_on(event.first_day)
    if local.date() > event.first_day:
        return False
    return local.date() > starts_on or (local.date() == starts_on and local.hour >= SEND_FROM_HOUR)


def _send(db_session: Session, rule: MailRule, event: Event, now: datetime) -> None:
    """It goes to whoever is in the segment now; on the page of the show it stands only where that was asked for."""
    by = Actor.job("scheduled mail")
    _move(db_session, rule, RuleState.SENT, by, now)
    is_there = rule.segment in [value for value, _ in segments(db_session, event)]
    rule.count = count_addresses(db_session, event, rule.segment) if is_there else 0
    if rule.count:
        news = announce(
            db_session, event=event, title=rule.title, body=rule.body, by=by, now=now, is_public=rule.is_public
        )
        db_session.flush()
        rule.announcement_id = news.id
        send_news(db_session, event=event, announcement=news, segment=rule.segment, by=by, now=now)
    db_session.flush()
