"""How an offer looks to one of its two people: where it stands, what to do next, and what is possible."""

from dataclasses import dataclass
from datetime import datetime

from swapmeet.trades import rules
from swapmeet.trades.models import Listing, ListingState, Offer, OfferState, Side


@dataclass(frozen=True)
class OfferView:
    """One offer for one viewer. `give` and `get` are the viewer's sides, whoever made the offer."""

    offer: Offer
    state: OfferState
    state_kind: str
    state_label: str
    next_words: str
    other_id: int
    other_name: str
    is_maker: bool
    give: list[Listing]
    get: list[Listing]
    gone: list[Listing]
    changed: list[Listing]
    seen: str
    can_answer: bool
    can_accept: bool
    can_withdraw: bool
    is_agreed: bool
    have_ticked: bool
    other_ticked: bool


def standing(offer: Offer, now: datetime) -> OfferState:
    """The state as time has it, whether or not the tidying job has written it down."""
    waits = offer.state in (OfferState.OPEN, OfferState.ACCEPTED)
    if waits and rules.has_lapsed(expires_at=offer.expires_at, has_tick=offer.has_tick, now=now):
        return OfferState.EXPIRED
    return offer.state


def present(offer: Offer, *, viewer_id: int, now: datetime) -> OfferView:
    """Everything a page needs to say about an offer to `viewer_id`, who must be one of the two."""
    state = standing(offer, now)
    is_maker = viewer_id == offer.from_id
    own_side = Side.GIVE if is_maker else Side.TAKE
    other = offer.to_person if is_maker else offer.from_person
    is_agreed = state is OfferState.ACCEPTED
    gone = [item.listing for item in offer.items if not _is_free(item.listing)] if state is OfferState.OPEN else []
    mine, theirs = (offer.from_done_at, offer.to_done_at) if is_maker else (offer.to_done_at, offer.from_done_at)
    kind, label = _label(offer, state)
    name = other.name if is_agreed or state is OfferState.COMPLETED else rules.short_name(other.name)
    return OfferView(
        offer=offer,
        state=state,
        state_kind=kind,
        state_label=label,
        next_words=_next_words(offer, state, is_maker=is_maker, name=name, mine=mine, theirs=theirs, gone=gone),
        other_id=other.id,
        other_name=name,
        is_maker=is_maker,
        give=[item.listing for item in offer.items if item.side is own_side],
        get=[item.listing for item in offer.items if item.side is not own_side],
        gone=gone,
        changed=[item.listing for item in offer.items if item.listing.version != item.listing_version],
        seen=rules.versions_seen((item.listing_id, item.listing.version) for item in offer.items),
        can_answer=state is OfferState.OPEN and not is_maker,
        can_accept=state is OfferState.OPEN and not is_maker and not gone,
        can_withdraw=state is OfferState.OPEN and is_maker,
        is_agreed=is_agreed,
        have_ticked=mine is not None,
        other_ticked=theirs is not None,
    )


def _is_free(listing: Listing) -> bool:
    return listing.state is ListingState.LISTED and listing.hidden_at is None


def _label(offer: Offer, state: OfferState) -> tuple[str, str]:
    if state is OfferState.WITHDRAWN and offer.agreed_at is not None:
        return "bad", "Called off"
    return {
        OfferState.OPEN: ("held", "Waiting for an answer"),
        OfferState.COUNTERED: ("info", "Answered with another offer"),
        OfferState.ACCEPTED: ("mine", "Agreed"),
        OfferState.DECLINED: ("taken", "Declined"),
        OfferState.WITHDRAWN: ("taken", "Taken back"),
        OfferState.EXPIRED: ("taken", "Time is over"),
        OfferState.COMPLETED: ("ok", "Done"),
    }[state]


def _next_words(
    offer: Offer,
    state: OfferState,
    *,
    is_maker: bool,
    name: str,
    mine: datetime | None,
    theirs: datetime | None,
    gone: list[Listing],
) -> str:
    """One sentence: what happens next, and who does it."""
    if state is OfferState.OPEN:
        if gone:
            return "Something in it is no longer to be had, so it cannot be accepted as it is."
        return f"{name} has not answered yet." if is_maker else "Accept it, answer with another offer, or decline."
    if state is OfferState.ACCEPTED:
        if mine is not None:
            return f"You have ticked it. It is done when {name} ticks it too."
        if theirs is not None:
            return f"{name} says it is done. Tick it when you have your things too."
        return f"Meet {name} at the show, hand over, and then tick it here, each of you."
    return {
        OfferState.COUNTERED: "The talk goes on with the newer offer.",
        OfferState.DECLINED: "Nothing was reserved.",
        OfferState.WITHDRAWN: "Everything in it is free again." if offer.agreed_at else "Nothing was reserved.",
        OfferState.EXPIRED: "Nothing in it is held any more.",
        OfferState.COMPLETED: "Both of you have ticked it. Enjoy.",
    }[state]
