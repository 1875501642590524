"""Jobs about cards: send a refund back, look up a page nobody has said a word about. The network comes before the transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.actor import Actor
from swapmeet.payments.models import CardPayment
from swapmeet.payments.providers.choosing import find_provider
from swapmeet.payments.providers.interface import HostedPage, ProviderRefused, SentBack
from swapmeet.payments.services import cards


def ask_refund(payload: Mapping[str, Any]) -> tuple[SentBack | None, str]:
    """Ask the provider, with the refund's own key: asked again after a crash it gives the same refund.

    Raises ProviderDown, after which the job is tried again.
    """
    refund_id = int(payload["refund_id"])
    wanted = cards.refund_to_send(db.session(), refund_id)
    end_reading()
    provider = find_provider()
    if wanted is None or provider is None:
        return None, "" if wanted is None else "No card provider is set up here any more."
    intent_ref, amount = wanted
    try:
        return provider.send_back(intent_ref=intent_ref, amount_minor=amount, key=f"refund-{refund_id}"), ""
    except ProviderRefused as error:
        return None, str(error)


def keep_refund(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: tuple[SentBack | None, str]
) -> None:
    sent_back, problem = prepared
    if sent_back is None and not problem:
        return
    cards.keep_sent_back(
        db_session,
        refund_id=int(payload["refund_id"]),
        sent_back=sent_back,
        problem=problem,
        by=Actor.job("card refund"),
        now=now,
    )


def look_up(payload: Mapping[str, Any]) -> HostedPage | None:
    """Where a page stands; None when there is none or the provider does not know it."""
    card = db.session.get(CardPayment, int(payload["payment_id"]))
    session_ref = card.session_ref if card is not None else None
    end_reading()
    provider = find_provider()
    if session_ref is None or provider is None:
        return None
    try:
        return provider.look_up_page(session_ref)
    except ProviderRefused:
        return None


def keep_look_up(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: HostedPage | None
) -> None:
    if prepared is not None:
        cards.take_page(db_session, page=prepared, by=Actor.job("card look-up"), now=now)
