"""Fills the trades of the demo's shows: 200 listings with photos, offers in every state, talk, and reports."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventKind
from swapmeet.infra import demo_pictures, pictures
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries, rules
from swapmeet.trades.demo_things import Thing, things
from swapmeet.trades.models import Listing, ListingPhoto, ListingState, Offer, ReportReason, ReportState
from swapmeet.trades.services import listings, offers, photos, safety, settling, talk
from swapmeet.trades.vocab import Intent

LISTINGS = 200
THINGS_EACH = 5  # a person lists about this many
PHOTO_SHARE = 0.85
OFFERS_EACH_SHOW = 26
STOCK_OF_KIND = {
    EventKind.TRAIN_SHOW: "railway",
    EventKind.CLUB_SHOW: "figures",
    EventKind.CONVENTION: "figures",
}

Step = Callable[[Session, Offer, datetime], None]


def fill(db_session: Session, stage: Stage) -> None:
    """Spread over the shows that have trades (a sample show without any stays without)."""
    trading = [event for event in stage.events if queries.floor_of(event, stage.now) is rules.Floor.OPEN]
    cache: dict[tuple[str, int], pictures.Encoded] = {}
    for number, event in enumerate(trading):
        share = LISTINGS // len(trading) + (1 if number < LISTINGS % len(trading) else 0)
        rows = _list_things(db_session, stage, event, share, cache)
        _make_offers(db_session, stage, event, rows)
        _ask_the_team(db_session, stage, event, rows)


def _list_things(
    db_session: Session, stage: Stage, event: Event, count: int, cache: dict[tuple[str, int], pictures.Encoded]
) -> list[Listing]:
    """Listings over the weeks since trades opened; the fixed traders have some too."""
    owners = _owners(db_session, stage, event, count)
    moments = _moments(stage, event, count)
    rows = []
    stock = STOCK_OF_KIND.get(event.kind, "dollhouse")
    for number, thing in enumerate(things(stage.random, stock=stock, count=count)):
        owner = owners[number % len(owners)]  # in rounds, so that nobody passes the show's limit
        rows.append(_list_one(db_session, event, owner, thing, next(moments), is_draft=number % 50 == 49))
        if stage.random.random() < PHOTO_SHARE and thing.intent is not Intent.WANTED:
            _show_photo(db_session, rows[-1], stage.random.randrange(demo_pictures.HUES), cache)
    return rows


def _owners(db_session: Session, stage: Stage, event: Event, count: int) -> list[Person]:
    """Enough people for `count` things; the fixed traders stand twice where the show's limit allows it."""
    limit = queries.get_terms(db_session, event_id=event.id).max_live_listings
    each = min(THINGS_EACH, limit)
    fixed = [person for key, person in stage.accounts.items() if "trader" in key]
    twice = fixed if 2 * each <= limit else []
    return [*fixed, *twice, *stage.random.sample(stage.people, -(-count // each))]


def _moments(stage: Stage, event: Event, count: int) -> Iterator[datetime]:
    """`count` moments in order, from the opening of trades (or 30 days ago) until two hours ago."""
    start = max(event.trades_open_at or stage.now - timedelta(days=30), stage.now - timedelta(days=40))
    end = min(event.trades_close_at or stage.now, stage.now) - timedelta(hours=2)
    step = (end - start) / (count + 1)
    return (start + step * (number + 1) for number in range(count))


def _list_one(
    db_session: Session, event: Event, owner: Person, thing: Thing, now: datetime, *, is_draft: bool
) -> Listing:
    by = Actor.person(owner.id, owner.name)
    says = listings.Says(**asdict(thing))
    listing = listings.write_draft(db_session, event=event, owner_id=owner.id, says=says, by=by, now=now)
    if not is_draft:
        later = now + timedelta(minutes=5)
        listings.publish_listing(db_session, event=event, listing=listing, owner=owner, by=by, now=later)
    return listing


def _show_photo(
    db_session: Session, listing: Listing, hue: int, cache: dict[tuple[str, int], pictures.Encoded]
) -> None:
    """A drawn photo through the same encoder as everybody's; each listing has files of its own."""
    sketch = demo_pictures.sketch_of(listing.category)
    if (sketch, hue) not in cache:
        cache[sketch, hue] = pictures.encode(demo_pictures.draw_photo(sketch, hue))
    photo = ListingPhoto(
        event_id=listing.event_id,
        listing_id=listing.id,
        position=1,
        alt=listing.title,
        file_name="photo.jpg",
        created_at=listing.created_at,
    )
    db_session.add(photo)
    db_session.flush()
    prepared = photos.put_pictures(cache[sketch, hue])
    photos.attach(db_session, photo=photo, listing=listing, prepared=prepared, now=listing.created_at)


def _make_offers(db_session: Session, stage: Stage, event: Event, rows: list[Listing]) -> None:
    """Offers between people who both have something left, each taken a different way; the last ones wait for an answer."""
    by_owner: dict[int, list[Listing]] = {}
    for row in rows:
        if row.state is ListingState.LISTED and row.intent != Intent.WANTED:
            by_owner.setdefault(row.owner_id, []).append(row)
    fixed = [person.id for key, person in stage.accounts.items() if "trader" in key]
    for number in range(OFFERS_EACH_SHOW):
        way = WAYS[number % len(WAYS)]
        pair = _pick_pair(stage, by_owner, fixed[number % len(fixed)] if fixed else 0)
        if pair is None:
            return
        give, take = pair if number // 2 % 2 else pair[::-1]
        hours = 3 if way in (_leave_open, _counter) else stage.random.randrange(100, 300)
        _make_one(db_session, stage, event, give, take, way, stage.now - timedelta(hours=hours))


def _pick_pair(stage: Stage, by_owner: dict[int, list[Listing]], liked: int) -> tuple[Listing, Listing] | None:
    """One thing each of two people, taken out of the pool; `liked` takes part while they have things."""
    ready = [owner for owner, things_left in by_owner.items() if things_left]
    if len(ready) < 2:
        return None
    one = liked if by_owner.get(liked) else stage.random.choice(ready)
    other = stage.random.choice([owner for owner in ready if owner != one])
    return by_owner[one].pop(0), by_owner[other].pop(0)


def _make_one(
    db_session: Session, stage: Stage, event: Event, give: Listing, take: Listing, way: Step, now: datetime
) -> None:
    now = max(now, *(row.listed_at + timedelta(minutes=10) for row in (give, take) if row.listed_at))
    offer = offers.make_offer(
        db_session,
        event=event,
        from_id=give.owner_id,
        to_id=take.owner_id,
        terms=offers.Terms([give.id], [take.id], "Would you like to swap? I am there on the first day from noon."),
        by=Actor.person(give.owner_id),
        now=now,
    )
    if stage.random.random() < 0.5:
        _talk(db_session, offer, min(now + timedelta(minutes=30), stage.now))
    way(db_session, offer, min(now + timedelta(hours=1), stage.now))


def _talk(db_session: Session, offer: Offer, now: datetime) -> None:
    lines = (
        (offer.to_id, "It is nice. Is anything broken?"),
        (offer.from_id, "No, only a little dust. I can show you."),
    )
    for number, (sender_id, body) in enumerate(lines):
        moment = now + timedelta(minutes=number)
        talk.send_message(
            db_session, offer=offer, sender_id=sender_id, body=body, by=Actor.person(sender_id), now=moment
        )


def _leave_open(db_session: Session, offer: Offer, now: datetime) -> None:
    """Nobody has answered yet."""


def _agree(db_session: Session, offer: Offer, now: datetime) -> None:
    seen = rules.versions_seen((item.listing_id, item.listing.version) for item in offer.items)
    offers.accept_offer(
        db_session, offer=offer, person_id=offer.to_id, seen=seen, by=Actor.person(offer.to_id), now=now
    )


def _tick(db_session: Session, offer: Offer, now: datetime) -> None:
    _agree(db_session, offer, now)
    settling.tick_done(
        db_session, offer=offer, person_id=offer.to_id, is_done=True, by=Actor.person(offer.to_id), now=now
    )


def _complete(db_session: Session, offer: Offer, now: datetime) -> None:
    _tick(db_session, offer, now)
    settling.tick_done(
        db_session, offer=offer, person_id=offer.from_id, is_done=True, by=Actor.person(offer.from_id), now=now
    )


def _call_off(db_session: Session, offer: Offer, now: datetime) -> None:
    _agree(db_session, offer, now)
    words = "Sorry, I cannot come after all."
    settling.call_off(
        db_session, offer=offer, person_id=offer.from_id, reason=words, by=Actor.person(offer.from_id), now=now
    )


def _decline(db_session: Session, offer: Offer, now: datetime) -> None:
    words = "Thank you, but I hope for something else."
    offers.decline_offer(
        db_session, offer=offer, person_id=offer.to_id, note=words, by=Actor.person(offer.to_id), now=now
    )


def _withdraw(db_session: Session, offer: Offer, now: datetime) -> None:
    offers.withdraw_offer(db_session, offer=offer, person_id=offer.from_id, by=Actor.person(offer.from_id), now=now)


def _expire(db_session: Session, offer: Offer, now: datetime) -> None:
    offers.expire_offers(db_session, now=offer.expires_at)


def _counter(db_session: Session, offer: Offer, now: datetime) -> None:
    """The other one gives the same thing and asks for one more, where there is one."""
    asked = [item.listing_id for item in offer.items if item.listing.owner_id == offer.from_id]
    mine = [item.listing_id for item in offer.items if item.listing.owner_id == offer.to_id]
    more = queries.list_tradeable(
        db_session, owner_id=offer.from_id, event_id=offer.event_id, but_not=asked, only_things=True, limit=1
    )
    extra = [row.id for row in more]
    if not extra:
        return
    offers.counter_offer(
        db_session,
        offer=offer,
        person_id=offer.to_id,
        terms=offers.Terms(mine, asked + extra, "With this one too it would be fair."),
        by=Actor.person(offer.to_id),
        now=now,
    )


WAYS: tuple[Step, ...] = (
    _expire,
    _complete,
    _agree,
    _decline,
    _tick,
    _withdraw,
    _call_off,
    _counter,
    _leave_open,
    _agree,
    _leave_open,
)


def _ask_the_team(db_session: Session, stage: Stage, event: Event, rows: list[Listing]) -> None:
    """One report waits, one was closed, one listing is hidden."""
    fixed = {person.id for person in stage.accounts.values()}
    shown = [row for row in rows if row.state is ListingState.LISTED and row.owner_id not in fixed]
    team = Actor.person(stage.accounts["organizer"].id, stage.accounts["organizer"].name)
    texts = (
        (ReportReason.BANNED, "The handle looks like ivory to me."),
        (ReportReason.OTHER, "Is this for sale only?"),
    )
    made: list[Any] = []
    for (reason, note), listing in zip(texts, shown[-2:], strict=False):
        reporter = next(person for person in stage.people if person.id != listing.owner_id)
        made.append(
            safety.report(
                db_session,
                event_id=event.id,
                person_id=listing.owner_id,
                listing=listing,
                reporter_id=reporter.id,
                reason=reason,
                note=note,
                by=Actor.person(reporter.id),
                now=stage.now - timedelta(hours=5),
            )
        )
    db_session.flush()
    words = "It says what it wants. Nothing is wrong."
    later = stage.now - timedelta(hours=1)
    safety.close_report(db_session, report=made[-1], target=ReportState.DISMISSED, answer=words, by=team, now=later)
    safety.hide_listing(db_session, listing=shown[0], reason="The photo is from a shop's catalog.", by=team, now=later)
