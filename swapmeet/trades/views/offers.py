"""Offers and agreed trades: make, answer, tick, call off, and talk about it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.idempotency import find_answer, keep_answer
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import queries, rules
from swapmeet.trades.forms import AcceptForm, MessageForm, NoteForm, OfferForm
from swapmeet.trades.models import Listing, Offer
from swapmeet.trades.presenting import present
from swapmeet.trades.services import offers as services
from swapmeet.trades.services import settling, talk
from swapmeet.trades.views.blueprint import bp, own_id
from swapmeet.trades.vocab import Intent
from swapmeet.web.access import actor, signed_in
from swapmeet.web.paging import page_number, paginate
from swapmeet.web.security import limit

OFFERS_A_PAGE = 20
MESSAGES_A_PAGE = 30


@bp.get("/me/trades")
@signed_in
def my_trades() -> ResponseReturnValue:
    """What waits, what is agreed, and my things."""
    db_session, me, now = db.session(), own_id(), utcnow()
    waiting = [
        present(offer, viewer_id=me, now=now) for offer in queries.list_open_offers(db_session, person_id=me, now=now)
    ]
    agreed = [present(offer, viewer_id=me, now=now) for offer in queries.list_agreed(db_session, person_id=me, now=now)]
    return render_template(
        "trades/mine.html",
        incoming=[view for view in waiting if not view.is_maker],
        outgoing=[view for view in waiting if view.is_maker],
        agreed=agreed,
        events=queries.list_trading_events(db_session, now=now),
        page=paginate(db_session, queries.my_listings(owner_id=me), number=page_number(), size=24),
    )


@bp.get("/me/trades/offers")
@signed_in
def my_offers() -> ResponseReturnValue:
    """Every offer, made and received, newest first."""
    me, now = own_id(), utcnow()
    page = paginate(db.session(), queries.my_offers(person_id=me), number=page_number(), size=OFFERS_A_PAGE)
    views = [present(offer, viewer_id=me, now=now) for offer in page.rows]
    return render_template("trades/offers.html", page=page, views=views)


@bp.get("/trades/<int:listing_id>/offer")
@signed_in
def new_offer(listing_id: int) -> ResponseReturnValue:
    """My things against theirs, this one chosen. A wanted notice is answered with what one has, for something of theirs."""
    listing = queries.get_listing(db.session(), listing_id, viewer_id=own_id())
    form = OfferForm(data={"take": [] if listing.intent == Intent.WANTED else [listing.id], "give": []})
    return _offer_page(form, listing=listing)


@bp.post("/trades/<int:listing_id>/offer")
@signed_in
@limit("30 per hour")
def make_offer(listing_id: int) -> ResponseReturnValue:
    """Send it. The same key sent twice makes one offer."""
    listing = queries.get_listing(db.session(), listing_id, viewer_id=own_id())
    form = OfferForm()
    _fill_choices(form, event_id=listing.event_id, other_id=listing.owner_id)
    if not form.validate_on_submit():
        return _offer_page(form, listing=listing), 422
    scope, content = f"offer-{own_id()}", f"{sorted(form.give.data or [])}>{sorted(form.take.data or [])}"
    try:
        with transaction() as db_session:
            answer = find_answer(db_session, scope=scope, key=form.key.data, content=content)
            if answer is None:
                fresh = queries.get_listing(db_session, listing_id, viewer_id=own_id())
                offer = services.make_offer(
                    db_session,
                    event=fresh.event,
                    from_id=own_id(),
                    to_id=fresh.owner_id,
                    terms=_terms(form),
                    by=actor(),
                    now=utcnow(),
                )
                answer = str(offer.id)
                keep_answer(db_session, scope=scope, key=form.key.data, content=content, answer=answer, now=utcnow())
    except DomainError as error:
        return _again(form, error, listing=queries.get_listing(db.session(), listing_id, viewer_id=own_id()))
    flash("Your offer is sent. You will get a mail when it is answered.", "ok")
    return redirect(url_for(".show_offer", offer_id=int(answer)), 303)


@bp.get("/me/trades/offers/<int:offer_id>/counter")
@signed_in
def new_counter(offer_id: int) -> ResponseReturnValue:
    """The offer I got, turned round, to be changed."""
    offer = queries.get_offer(db.session(), offer_id, person_id=own_id())
    view = present(offer, viewer_id=own_id(), now=utcnow())
    form = OfferForm(data={"take": [row.id for row in view.get], "give": [row.id for row in view.give]})
    return _offer_page(form, offer=offer)


@bp.post("/me/trades/offers/<int:offer_id>/counter")
@signed_in
@limit("30 per hour")
def counter_offer(offer_id: int) -> ResponseReturnValue:
    """Answer with another offer."""
    offer = queries.get_offer(db.session(), offer_id, person_id=own_id())
    form = OfferForm()
    other_id = offer.from_id if offer.to_id == own_id() else offer.to_id
    _fill_choices(form, event_id=offer.event_id, other_id=other_id)
    if not form.validate_on_submit():
        return _offer_page(form, offer=offer), 422
    try:
        with transaction() as db_session:
            answer = services.counter_offer(
                db_session,
                offer=queries.get_offer(db_session, offer_id, person_id=own_id()),
                person_id=own_id(),
                terms=_terms(form),
                by=actor(),
                now=utcnow(),
            )
            answer_id = answer.id
    except DomainError as error:
        return _again(form, error, offer=queries.get_offer(db.session(), offer_id, person_id=own_id()))
    flash("Your answer is sent.", "ok")
    return redirect(url_for(".show_offer", offer_id=answer_id), 303)


def _again(form: OfferForm, error: DomainError, **subject: Any) -> ResponseReturnValue:
    """The form with what was chosen, and what stands in the way."""
    if error.kind == "not_found":
        raise error
    form.hang(error)
    return _offer_page(form, **subject), 422 if error.kind == "invalid" else 409


def _terms(form: OfferForm) -> services.Terms:
    return services.Terms(give=form.give.data or [], take=form.take.data or [], note=form.note.data or "")


def _fill_choices(form: OfferForm, *, event_id: int, other_id: int) -> tuple[list[Listing], list[Listing]]:
    """What each side has on offer at the show; what was sent and is gone stays a valid choice, for the service to explain."""
    db_session, me = db.session(), own_id()
    mine = queries.list_tradeable(db_session, owner_id=me, event_id=event_id, only_things=True)
    theirs = queries.list_tradeable(db_session, owner_id=other_id, event_id=event_id, only_things=True)
    for field, rows in ((form.give, mine), (form.take, theirs)):
        known = [row.id for row in rows]
        sent = [int(value) for value in field.data or [] if value not in known]
        field.choices = [(row.id, row.title) for row in rows] + [(one, f"Number {one}") for one in sent]
    return mine, theirs


def _offer_page(form: OfferForm, *, listing: Listing | None = None, offer: Offer | None = None) -> str:
    me = own_id()
    subject: Any = listing or offer
    if listing is not None:
        other_id, other_name = listing.owner_id, listing.owner.name
    else:
        other = subject.from_person if subject.to_id == me else subject.to_person
        other_id, other_name = other.id, other.name
    mine, theirs = _fill_choices(form, event_id=subject.event_id, other_id=other_id)
    event = subject.event
    return render_template(
        "trades/offer_form.html",
        event=event,
        form=form,
        listing=listing,
        offer=offer,
        mine=mine,
        theirs=theirs,
        chosen_give={int(value) for value in form.give.data or []},
        chosen_take={int(value) for value in form.take.data or []},
        other_name=rules.short_name(other_name),
        is_own=other_id == me,
        is_wanted=listing is not None and listing.intent == Intent.WANTED,
        is_blocked=queries.are_blocked(db.session(), me, other_id),
        floor=queries.floor_of(event, utcnow()),
        terms=queries.get_terms(db.session(), event_id=event.id),
    )


@bp.get("/me/trades/offers/<int:offer_id>")
@signed_in
def show_offer(offer_id: int) -> ResponseReturnValue:
    """One offer with the talk about it."""
    return _show(offer_id)


def _show(offer_id: int, *, message: MessageForm | None = None) -> str:
    db_session, me, now = db.session(), own_id(), utcnow()
    offer = queries.get_offer(db_session, offer_id, person_id=me)
    view = present(offer, viewer_id=me, now=now)
    talk_page = paginate(
        db_session, queries.messages_of(thread_id=offer.thread_id), number=page_number(), size=MESSAGES_A_PAGE
    )
    return render_template(
        "trades/offer.html",
        event=offer.event,
        offer=offer,
        view=view,
        me=me,
        messages=list(reversed(talk_page.rows)),
        page=talk_page,
        message=message or MessageForm(),
        is_blocked=queries.are_blocked(db_session, me, view.other_id),
        terms=queries.get_terms(db_session, event_id=offer.event_id),
        newer_id=queries.find_answer_id(db_session, offer_id=offer.id),
    )


@bp.post("/me/trades/offers/<int:offer_id>/acceptance")
@signed_in
def accept_offer(offer_id: int) -> ResponseReturnValue:
    """Agree to it: everything in it is reserved, or nothing."""
    form = AcceptForm()
    return _step(
        offer_id,
        "Agreed. Everything in it is reserved for the two of you.",
        lambda db_session, offer: services.accept_offer(
            db_session, offer=offer, person_id=own_id(), seen=form.seen.data or "", by=actor(), now=utcnow()
        ),
    )


@bp.post("/me/trades/offers/<int:offer_id>/refusal")
@signed_in
def decline_offer(offer_id: int) -> ResponseReturnValue:
    """No, thank you."""
    form = NoteForm()
    note = form.note.data or "" if form.validate_on_submit() else ""
    return _step(
        offer_id,
        "You have declined the offer.",
        lambda db_session, offer: services.decline_offer(
            db_session, offer=offer, person_id=own_id(), note=note, by=actor(), now=utcnow()
        ),
    )


@bp.post("/me/trades/offers/<int:offer_id>/withdrawal")
@signed_in
def withdraw_offer(offer_id: int) -> ResponseReturnValue:
    """Take back an offer that is not answered yet."""
    return _step(
        offer_id,
        "You have taken the offer back.",
        lambda db_session, offer: services.withdraw_offer(
            db_session, offer=offer, person_id=own_id(), by=actor(), now=utcnow()
        ),
    )


@bp.post("/me/trades/offers/<int:offer_id>/completion")
@signed_in
def tick_done(offer_id: int) -> ResponseReturnValue:
    """I have my things (or not yet, with done=0)."""
    is_done = request.form.get("done", "1") != "0"
    return _step(
        offer_id,
        "Thank you, it is ticked." if is_done else "The tick is taken back.",
        lambda db_session, offer: settling.tick_done(
            db_session, offer=offer, person_id=own_id(), is_done=is_done, by=actor(), now=utcnow()
        ),
    )


@bp.post("/me/trades/offers/<int:offer_id>/cancellation")
@signed_in
def call_off(offer_id: int) -> ResponseReturnValue:
    """End an agreed trade; everything in it is free again."""
    form = NoteForm()
    reason = form.note.data or "" if form.validate_on_submit() else ""
    return _step(
        offer_id,
        "The trade is called off. Everything in it is free again.",
        lambda db_session, offer: settling.call_off(
            db_session, offer=offer, person_id=own_id(), reason=reason, by=actor(), now=utcnow()
        ),
    )


def _step(offer_id: int, done: str, step: Any) -> ResponseReturnValue:
    """One step of an offer, and back to its page; what stood in the way is said there, with the state as it is now."""
    try:
        with transaction() as db_session:
            step(db_session, queries.get_offer(db_session, offer_id, person_id=own_id()))
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
        return _show(offer_id), 409
    flash(done, "ok")
    return redirect(url_for(".show_offer", offer_id=offer_id), 303)


@bp.post("/me/trades/offers/<int:offer_id>/messages")
@signed_in
@limit("120 per hour")
def send_message(offer_id: int) -> ResponseReturnValue:
    """Write to the other side."""
    form = MessageForm()
    if not form.validate_on_submit():
        return _show(offer_id, message=form), 422
    try:
        with transaction() as db_session:
            talk.send_message(
                db_session,
                offer=queries.get_offer(db_session, offer_id, person_id=own_id()),
                sender_id=own_id(),
                body=form.body.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _show(offer_id, message=form), 409
    return redirect(url_for(".show_offer", offer_id=offer_id) + "#talk", 303)
