"""What rounds bring to the whole: navigation, reminders, runs, mails, personal data, invariants."""

from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.forgetting import forget_files
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import DemoStep, NavEntry, Registry, Waiting
from swapmeet.trades.rounds import (
    demo,
    desk_manage,
    dispute_manage,
    dispute_queries,
    dispute_views,
    doctor,
    hand_queries,
    jobs,
    list_manage,
    mail,
    money_queries,
    money_views,
    official_manage,
    papers,
    pick_manage,
    proxy_views,
    queries,
    result_views,
    rules,
    run_manage,
    want_views,
)
from swapmeet.trades.rounds.hand_models import RoundProxy
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import (
    Phase,
    RoundDeadline,
    RoundEntry,
    RoundMember,
    RunState,
    TradeRound,
    TradeRun,
)
from swapmeet.trades.rounds.money_models import RoundAsk, RoundBid, RoundBudget
from swapmeet.trades.rounds.services import disputing, phases
from swapmeet.trades.rounds.views import bp

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]
PAGES = (
    want_views,
    money_views,
    result_views,
    run_manage,
    desk_manage,
    pick_manage,
    proxy_views,
    dispute_views,
    dispute_manage,
    list_manage,
    official_manage,
)  # importing them puts their pages on the blueprints
REMIND_EVERY_S = 600.0


def remind(db_session: Session, now: datetime) -> None:
    """Tell people about deadlines that are near."""
    phases.remind(db_session, now=now)


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Rounds whose phase is over by its deadline, and results nobody has published yet, wait for the host."""
    return [*_over(db_session, event, now), *_unpublished(db_session, event), *_disputed(db_session, event)]


def _disputed(db_session: Session, event: Event) -> list[Waiting]:
    found = []
    for round_ in queries.list_rounds(db_session, event_id=event.id):
        count = dispute_queries.count_open(db_session, round_id=round_.id)
        if count:
            words = "1 dispute waits" if count == 1 else f"{count} disputes wait"
            url = url_for("trade_rounds_manage.list_disputes", slug=event.slug, round_id=round_.id)
            found.append(Waiting(f"{words} for a ruling", f"In the round “{round_.title}”.", "Read them", url))
    return found


def _over(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    statement = (
        select(TradeRound)
        .join(RoundDeadline, RoundDeadline.round_id == TradeRound.id)
        .where(TradeRound.event_id == event.id, RoundDeadline.phase == TradeRound.phase, RoundDeadline.ends_at <= now)
        .order_by(TradeRound.id)
    )
    return [
        Waiting(
            f"The round “{row.title}” can go on",
            f"“{rules.PHASE_LABELS[row.phase]}” was planned until now.",
            "Switch it",
            url_for("trade_rounds_manage.show_round", slug=event.slug, round_id=row.id),
        )
        for row in db_session.scalars(statement)
    ]


def _unpublished(db_session: Session, event: Event) -> list[Waiting]:
    """Only the newest run of a round that is at its result."""
    other = aliased(TradeRun)
    newest = select(func.max(other.number)).where(other.round_id == TradeRun.round_id).scalar_subquery()
    statement = (
        select(TradeRun, TradeRound)
        .join(TradeRound, TradeRound.id == TradeRun.round_id)
        .where(
            TradeRound.event_id == event.id,
            TradeRound.phase.in_([Phase.PREVIEW, Phase.FINAL]),
            TradeRun.state == RunState.DONE,
            TradeRun.number == newest,
        )
        .order_by(TradeRun.id)
    )
    return [
        Waiting(
            f"The result of “{round_.title}” is ready",
            f"{run.things_traded} of {run.things} things would trade. Nobody has been told yet.",
            "Look at it",
            url_for("trade_rounds_manage.show_run", slug=event.slug, round_id=round_.id, run_id=run.id),
        )
        for run, round_ in db_session.execute(statement)
    ]


class RoundsData:
    """A person's things and wants in rounds."""

    name = "trade rounds"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        return [
            {
                "round": member.round_id,
                "handle": member.number,
                "things": [
                    {
                        "number": entry.number,
                        "title": entry.title,
                        "value_minor": entry.value_minor,
                        "wants": [want.target.number for want in queries.list_wants(db_session, entry_id=entry.id)],
                    }
                    for entry in queries.list_own_entries(db_session, member_id=member.id)
                ],
                "trades": _trades(db_session, member),
                "collected": [
                    {"number": row.entry.number, "state": row.state.value, "by": row.handed_to}
                    for row in hand_queries.list_gets(db_session, member_id=member.id)
                ],
                "disputes": _said(db_session, member),
                "money": _money(db_session, member),
                "may_collect": [row.name for row in hand_queries.list_proxies(db_session, member_id=member.id)],
            }
            for member in db_session.scalars(_mine(person_id))
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Their things leave every round and lose their words."""
        for member in db_session.scalars(_mine(person_id)).all():
            statement = select(RoundEntry).where(RoundEntry.member_id == member.id)
            for entry in db_session.scalars(statement):
                if hand_queries.find_live(db_session, entry_id=entry.id) is None:  # what has a new owner goes its way
                    entry.withdrawn_at = entry.withdrawn_at or now
                entry.title, entry.value_minor = "Removed", None
            for proxy in db_session.scalars(select(RoundProxy).where(RoundProxy.member_id == member.id)):
                proxy.name, proxy.revoked_at = "Removed", proxy.revoked_at or now
            _erase_money(db_session, member)
            _erase_disputes(db_session, member, now)
            for row in hand_queries.list_gets(db_session, member_id=member.id):
                row.handed_to = "Removed" if row.handed_to else ""
        db_session.flush()


def _money(db_session: Session, member: RoundMember) -> dict[str, Any]:
    """What they ask and offer, and what the final result lets them pay and get."""
    own = {row.id: row.number for row in queries.list_own_entries(db_session, member_id=member.id)}
    asks = money_queries.asks_of(db_session, round_id=member.round_id)
    limit = money_queries.find_budget(db_session, member_id=member.id)
    legs = money_queries.list_legs(db_session, round_id=member.round_id)
    return {
        "asks_minor": {number: asks[entry_id] for entry_id, number in own.items() if entry_id in asks},
        "offers_minor": {
            row.target.number: row.amount_minor for row in money_queries.list_bids(db_session, member_id=member.id)
        },
        "limit_minor": limit.amount_minor if limit else None,
        "pays_minor": sum(leg.amount_minor for leg in legs if leg.payer_id == member.id),
        "gets_minor": sum(leg.amount_minor for leg in legs if leg.payee_id == member.id),
    }


def _erase_money(db_session: Session, member: RoundMember) -> None:
    """What they asked and offered goes; what the final result settled stays."""
    own = select(RoundEntry.id).where(RoundEntry.member_id == member.id)
    db_session.execute(delete(RoundAsk).where(RoundAsk.entry_id.in_(own)))
    db_session.execute(delete(RoundBid).where(RoundBid.member_id == member.id))
    db_session.execute(delete(RoundBudget).where(RoundBudget.member_id == member.id))


def _erase_disputes(db_session: Session, member: RoundMember, now: datetime) -> None:
    """What they wrote and showed goes; that there was a ruling stays."""
    file_ids: list[int] = []
    for row in dispute_queries.list_disputes(db_session, round_id=member.round_id, member_id=member.id):
        is_giver = row.hand_over.giver_id == member.id
        if is_giver:
            row.answer = ""
        else:
            row.words = "Removed"
        for photo in [photo for photo in row.photos if photo.by_giver is is_giver]:
            file_ids += [file_id for file_id in (photo.incoming_id, photo.file_id) if file_id]
            db_session.delete(photo)
    db_session.flush()
    forget_files(db_session, file_ids, now=now)


def _said(db_session: Session, member: RoundMember) -> list[dict[str, Any]]:
    """What they wrote in disputes; the other side's words are not theirs."""
    rows = dispute_queries.list_disputes(db_session, round_id=member.round_id, member_id=member.id)
    return [
        {
            "thing": row.hand_over.entry.number,
            "i_wrote": row.answer if row.hand_over.giver_id == member.id else row.words,
            "outcome": row.outcome.value if row.outcome else row.state.value,
        }
        for row in rows
    ]


def _trades(db_session: Session, member: RoundMember) -> list[dict[str, Any]]:
    """What the published result says that they bring and take; the others are handles."""
    run = queries.find_published(db_session, round_id=member.round_id)
    moves = queries.list_own_moves(db_session, run_id=run.id, member_id=member.id) if run else []
    return [
        {
            "number": move.entry.number,
            "title": move.entry.title,
            "i": "bring" if move.giver_id == member.id else "take",
            "other_handle": (move.receiver if move.giver_id == member.id else move.giver).number,
        }
        for move in moves
    ]


def _mine(person_id: int) -> Any:
    return select(RoundMember).where(RoundMember.person_id == person_id).order_by(RoundMember.id)


def register(registry: Registry) -> None:
    """Put the parts of rounds into the registry."""
    registry.navigation += [
        NavEntry("show.tabs", 52, "Rounds", "trade_rounds.list_rounds", "refresh", shown=_has_trades),
        NavEntry(
            "manage.side", 72, "Trade rounds", "trade_rounds_manage.list_rounds", "refresh", Permission.TRADES_HOST
        ),
    ]
    registry.waiting.append((Permission.TRADES_HOST, waiting))
    registry.periodic.append((REMIND_EVERY_S, "trade rounds", remind))
    registry.composers[mail.KIND] = mail.compose
    registry.composers[mail.RESULT_KIND] = mail.compose_result
    registry.composers[mail.OUT_KIND] = mail.compose_taken_out
    registry.composers[mail.DISPUTE_KIND] = mail.compose_dispute
    jobs.register(registry)
    papers.register(registry)
    registry.jobs[disputing.PICTURE_JOB] = Handler(
        run=disputing.finish_photo, prepare=disputing.prepare_photo, heavy=True, lease_s=60
    )
    registry.demo.append(DemoStep(65, "trade rounds", demo.fill))
    registry.personal_data.append(RoundsData())
    registry.doctor += doctor.QUERIES


def _has_trades(event: Any) -> bool:
    return bool(event.trades_enabled)
