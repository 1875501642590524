"""What exchanges bring to the whole: pages, navigation, mails, personal data, invariants."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import CloneStep, DemoStep, NavEntry, Registry
from swapmeet.kernel.actor import Actor
from swapmeet.trades.exchanges import demo, doctor, mail, papers, queries, services
from swapmeet.trades.exchanges.manage import manage_bp
from swapmeet.trades.exchanges.models import EntryState, Exchange
from swapmeet.trades.exchanges.rules import Terms
from swapmeet.trades.exchanges.views import bp

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]


def copy_exchanges(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The same exchanges, with nobody in them and a new seal."""
    for row in queries.list_exchanges(db_session, event_id=source.id):
        terms = Terms(row.title, row.words, row.scale, row.min_minor, row.bring)
        services.open_exchange(db_session, event=target, terms=terms, by=Actor.job("clone"), now=now)


class ExchangesData:
    """A person's part in exchanges."""

    name = "exchanges"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        return [_said(db_session, row) for row in queries.list_own_entries(db_session, person_id=person_id)]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """The number and the pieces stay, so that the draw can be checked; name, notes and thanks go."""
        for row in queries.list_own_entries(db_session, person_id=person_id):
            row.name, row.note, row.person_id = "Removed", "", None
            exchange = db_session.get_one(Exchange, row.exchange_id)
            if row.state is EntryState.SIGNED_UP and exchange.drawn_at is None:
                services.withdraw(db_session, exchange=exchange, entry=row, by=Actor.job("erasure"), now=now)
            thanks = queries.list_thanks(db_session, exchange_id=row.exchange_id, is_shown=False)
            for move in queries.list_gets(db_session, entry_id=row.id):
                if move.id in thanks:
                    db_session.delete(thanks[move.id])
        db_session.flush()


def _said(db_session: Session, row: Any) -> dict[str, Any]:
    thanks = queries.list_thanks(db_session, exchange_id=row.exchange_id)
    gets = queries.list_gets(db_session, entry_id=row.id)
    return {
        "exchange": row.exchange_id,
        "number": row.number,
        "state": row.state.value,
        "pieces": row.pieces,
        "gets_pieces_of": [move.giver.number for move in gets],
        "thanks_i_said": [thanks[move.id].words for move in gets if move.id in thanks],
    }


def register(registry: Registry) -> None:
    """Put the parts of exchanges into the registry."""
    registry.navigation.append(
        NavEntry("manage.side", 73, "Exchanges", "exchanges_manage.list_exchanges", "swap", Permission.TRADES_HOST)
    )
    registry.composers[mail.KIND] = mail.compose
    papers.register(registry)
    registry.clone_steps.append(CloneStep(65, copy_exchanges))
    registry.demo.append(DemoStep(66, "exchanges", demo.fill))
    registry.personal_data.append(ExchangesData())
    registry.doctor += doctor.QUERIES
