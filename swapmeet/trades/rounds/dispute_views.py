"""What people say about a thing that is not right: said by whoever got it, answered by whoever gave it, with photos."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.pictures import Upload
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades.rounds import dispute_queries, dispute_rules, hand_queries, queries
from swapmeet.trades.rounds.dispute_models import MAX_PHOTOS, DisputePhoto, DisputeReason
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.forms import AnswerForm, DisputeForm
from swapmeet.trades.rounds.hand_models import HandOver
from swapmeet.trades.rounds.models import RoundMember, TradeRound
from swapmeet.trades.rounds.services import disputing
from swapmeet.trades.rounds.views import bp, open_show, step
from swapmeet.trades.views.blueprint import own_id
from swapmeet.web.access import actor, signed_in
from swapmeet.web.security import limit
from swapmeet.web.uploads import private_file, read_pictures


def own_member(db_session: Session, round_: TradeRound) -> RoundMember:
    """Raises NoSuchRound for somebody who is not in the round."""
    member = queries.find_member(db_session, round_id=round_.id, person_id=own_id())
    if member is None:
        raise NoSuchRound("You have nothing in this round.")
    return member


def _received(db_session: Session, round_: TradeRound, row_id: int) -> HandOver:
    """Raises NoSuchRound for what goes to somebody else."""
    row = hand_queries.get_hand_over(db_session, row_id, round_id=round_.id)
    if row.receiver_id != own_member(db_session, round_).id:
        raise NoSuchRound("This does not go to you.")
    return row


@bp.get("/shows/<slug>/rounds/<int:round_id>/disputes")
@signed_in
def my_disputes(slug: str, round_id: int) -> ResponseReturnValue:
    """What I said, what was said about my things, and how it ended."""
    return _mine_page(slug, round_id, AnswerForm(formdata=None))


def _mine_page(slug: str, round_id: int, form: AnswerForm, answering: int = 0) -> str:
    event, round_ = open_show(slug, round_id)
    member = own_member(db.session(), round_)
    return render_template(
        "trades/rounds/my_disputes.html",
        event=event,
        round=round_,
        member=member,
        rows=dispute_queries.list_disputes(db.session(), round_id=round_.id, member_id=member.id),
        form=form,
        answering=answering,
        dispute_rules=dispute_rules,
    )


@bp.get("/shows/<slug>/rounds/<int:round_id>/hand-overs/<int:row_id>/disputes")
@signed_in
def new_dispute(slug: str, round_id: int, row_id: int) -> ResponseReturnValue:
    """The form to say what is wrong with something I got."""
    return _dispute_page(slug, round_id, row_id, DisputeForm(formdata=None))


def _dispute_page(slug: str, round_id: int, row_id: int, form: DisputeForm) -> str:
    event, round_ = open_show(slug, round_id)
    row = _received(db.session(), round_, row_id)
    return render_template("trades/rounds/dispute.html", event=event, round=round_, row=row, form=form)


@bp.post("/shows/<slug>/rounds/<int:round_id>/hand-overs/<int:row_id>/disputes")
@signed_in
@limit("30 per hour")
def raise_dispute(slug: str, round_id: int, row_id: int) -> ResponseReturnValue:
    """Say it; a bad photo or a missing word says so and loses nothing."""
    form = DisputeForm()

    def do(db_session: Session, round_: TradeRound, uploads: list[Upload]) -> None:
        disputing.raise_dispute(
            db_session,
            round_=round_,
            row=_received(db_session, round_, row_id),
            reason=DisputeReason(form.reason.data),
            words=form.words.data or "",
            uploads=uploads,
            by=actor(),
            now=utcnow(),
        )

    if not _said(slug, round_id, form, do):
        return _dispute_page(slug, round_id, row_id, form), 422
    flash("The hosts and the other side have been told. You can look here how it goes on.", "ok")
    return redirect(url_for(".my_disputes", slug=slug, round_id=round_id), 303)


@bp.post("/shows/<slug>/rounds/<int:round_id>/disputes/<int:dispute_id>/answers")
@signed_in
@limit("30 per hour")
def answer_dispute(slug: str, round_id: int, dispute_id: int) -> ResponseReturnValue:
    """The giver's side of it."""
    form = AnswerForm()

    def do(db_session: Session, round_: TradeRound, uploads: list[Upload]) -> None:
        member = own_member(db_session, round_)
        row = dispute_queries.get_dispute(db_session, dispute_id, round_id=round_.id, member_id=member.id)
        if row.hand_over.giver_id != member.id:
            raise NoSuchRound("This is not about something of yours.")
        disputing.answer_dispute(
            db_session,
            round_=round_,
            dispute=row,
            words=form.words.data or "",
            uploads=uploads,
            by=actor(),
            now=utcnow(),
        )

    if not _said(slug, round_id, form, do):
        return _mine_page(slug, round_id, form, dispute_id), 422
    flash("Your side is written down; the hosts read both.", "ok")
    return redirect(url_for(".my_disputes", slug=slug, round_id=round_id), 303)


def _said(
    slug: str,
    round_id: int,
    form: DisputeForm | AnswerForm,
    do: Callable[[Session, TradeRound, list[Upload]], None],
) -> bool:
    """Words and photos of a form, kept or refused as a whole; what is wrong hangs on its field."""
    event, _round = open_show(slug, round_id)
    event_id = event.id
    try:
        if not form.validate_on_submit():
            return False
        uploads = read_pictures(form.photos, most=MAX_PHOTOS)
        with transaction() as db_session:
            do(db_session, queries.get_round(db_session, round_id, event_id=event_id), uploads)
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return False
    return True


@bp.post("/shows/<slug>/rounds/<int:round_id>/disputes/<int:dispute_id>/withdrawal")
@signed_in
def withdraw_dispute(slug: str, round_id: int, dispute_id: int) -> ResponseReturnValue:
    """I am content after all."""

    def do(db_session: Any, round_: TradeRound) -> str:
        member = own_member(db_session, round_)
        row = dispute_queries.get_dispute(db_session, dispute_id, round_id=round_.id, member_id=member.id)
        if row.hand_over.receiver_id != member.id:
            raise NoSuchRound("Somebody else said this.")
        disputing.withdraw_dispute(db_session, round_=round_, dispute=row, by=actor(), now=utcnow())
        return "Taken back. Thank you."

    return step(slug, round_id, "", do, back=url_for(".my_disputes", slug=slug, round_id=round_id))


@bp.get("/shows/<slug>/rounds/<int:round_id>/disputes/<int:dispute_id>/photos/<int:photo_id>")
@signed_in
def dispute_photo(slug: str, round_id: int, dispute_id: int, photo_id: int) -> ResponseReturnValue:
    """A photo of a dispute, for its two sides."""
    _event, round_ = open_show(slug, round_id)
    member = own_member(db.session(), round_)
    row = dispute_queries.get_dispute(db.session(), dispute_id, round_id=round_.id, member_id=member.id)
    return picture_of(dispute_queries.get_photo(row, photo_id))


def picture_of(photo: DisputePhoto) -> Response:
    """The picture; 404 until it is made. Nobody else may keep it."""
    return private_file(db.session.get(StoredFile, photo.file_id) if photo.file_id else None)
