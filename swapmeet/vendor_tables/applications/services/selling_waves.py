"""Waves of a sale: laid out by the team, entered by who a buyer is or by a code."""

import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.search import fold
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import SaleWave, WaveKind, WavePass


def add_wave(
    db_session: Session,
    *,
    event: Event,
    name: str,
    kind: WaveKind,
    opens_at: datetime,
    min_points: int | None,
    code: str,
    by: Actor,
    now: datetime,
) -> SaleWave:
    """One more wave. Raises Invalid for a name or a code that is there already, and for what its kind needs and lacks."""
    known = queries.list_waves(db_session, event_id=event.id)
    if any(wave.name.casefold() == name.casefold() for wave in known):
        raise Invalid(f"There is a wave “{name}” already.", field="name")
    if kind is WaveKind.POINTS and min_points is None:
        raise Invalid("Write how many points this wave needs.", field="min_points")
    folded = fold_code(code) if kind is WaveKind.CODE else ""
    if kind is WaveKind.CODE and len(folded) < 6:
        raise Invalid("Write a code of six letters and digits at least.", field="code")
    if folded and any(wave.code == folded for wave in known):
        raise Invalid("Another wave has this code.", field="code")
    row = SaleWave(
        event_id=event.id,
        name=name,
        kind=kind,
        opens_at=opens_at,
        min_points=min_points if kind is WaveKind.POINTS else None,
        code=folded,
    )
    db_session.add(row)
    record(db_session, now=now, by=by, verb="sale_wave.added", subject=row, target=kind.value, reason=name)
    return row


def remove_wave(db_session: Session, *, wave: SaleWave, by: Actor, now: datetime) -> None:
    """What was bought in it stays bought."""
    record(db_session, now=now, by=by, verb="sale_wave.removed", subject=wave, reason=wave.name)
    db_session.delete(wave)


def give_code(db_session: Session, *, event: Event, person_id: int, code: str, by: Actor, now: datetime) -> SaleWave:
    """A person gives the code of a wave. Raises Invalid for a code of no wave."""
    typed = fold_code(code)
    found = None
    for wave in queries.list_waves(db_session, event_id=event.id):
        if wave.code and hmac.compare_digest(wave.code.encode(), typed.encode()):
            found = wave
    if found is None:
        raise Invalid("There is no wave with this code. Look at the mail it came with.", field="code")
    known = select(WavePass).where(WavePass.wave_id == found.id, WavePass.person_id == person_id)
    if db_session.scalar(known) is None:
        db_session.add(WavePass(wave_id=found.id, person_id=person_id, given_at=now))
        record(db_session, now=now, by=by, verb="sale_wave.entered", subject=found)
    return found


def fold_code(code: str) -> str:
    """As codes are compared: without case, accents, spaces and dashes."""
    return "".join(ch for ch in fold(code) if ch.isalnum())[:40]
