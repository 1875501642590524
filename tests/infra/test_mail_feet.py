"""The foot of each mail says who it is from, which show it is about, and why the person gets it; in both parts alike."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.models import Listing
from swapmeet.trades.services.safety import hide_listing
from tests.accounts.people import register
from tests.registration import build
from tests.support.forms import post
from tests.trades.stall import list_thing, offer_of

TEMPLATES = Path(__file__).parents[2] / "templates/email"
END = "Nothing in it happens until you press a button on the page it opens."


def feet(mail: Any, message: Any) -> list[str]:
    """The foot of the text and of the HTML, on one line each."""
    html = message.get_body(("html",)).get_content().rpartition('<div class="mail-soft"')[2]
    plain = unescape(re.sub(r"<[^>]+>", " ", html.partition(">")[2]))
    return [" ".join(part.split()) for part in (mail.text(message).rpartition("\n--\n")[2], plain)]


def check(mail: Any, message: Any, *words: str) -> None:
    for foot in feet(mail, message):
        assert foot.endswith(END), foot
        for each in words:
            assert each in foot, foot


SHOW = ("Lakeside Fair, by Lakeside Club", "Questions go to the organizer: club@example.org")


@pytest.mark.parametrize("price", [0, 1000])
def test_a_mail_about_an_order_names_show_club_and_order(world: Any, mail: Any, price: int) -> None:
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), price=price)
        order = build.buy(
            db_session, world.show(), {kind.id: 1}, names=["Gus"], email="gus@example.org", paid=not price
        )
        code = order.code
    (message,) = mail.to("gus@example.org")
    check(mail, message, *SHOW, f"somebody, most likely you, gave this address for order {code}.")


def test_a_mail_about_a_trade_says_with_whom_and_where(world: Any, mail: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    post(world.client("tess"), f"/me/trades/offers/{offer_id}/messages", {"body": "Hello"})
    with transaction() as db_session:
        listing = db_session.get_one(Listing, wagon)
        hide_listing(db_session, listing=listing, reason="Not a toy", by=Actor.guest("team"), now=utcnow())
    said = {str(message["Subject"]): message for message in mail.to("tom.trader@example.org")}
    check(mail, said["Tess T. offers you a trade at Lakeside Fair"], *SHOW, "you have something to trade there.")
    check(mail, said["Tess T. has written to you about a trade"], *SHOW, "you talk with Tess T. about a trade there.")
    check(mail, said["A listing of yours at Lakeside Fair is hidden"], *SHOW, "you listed this thing there.")


def test_a_mail_about_an_account_says_that_the_address_was_used(client: Any, mail: Any) -> None:
    register(client, email="nora@example.org")
    (message,) = mail.to("nora@example.org")
    check(mail, message, "Swapmeet", "somebody, most likely you, used this address for an account")


def test_an_invitation_names_the_club_that_wrote_the_address_down(world: Any, mail: Any) -> None:
    path = f"/manage/organizers/{world.organizer.slug}/team/invitations"
    post(world.client("olga"), path, {"email": "new@example.org", "roles": "door"})
    (message,) = mail.to("new@example.org")
    check(mail, message, "Lakeside Club, with Swapmeet", "the team of Lakeside Club wrote down your address.")


def test_names_of_shows_and_clubs_make_no_link_in_the_foot(world: Any, mail: Any) -> None:
    with transaction() as db_session:
        db_session.merge(world.organizer).name = "https://evil.example club"
        world.show().contact_email = "desk@fair.example"
        kind = build.ticket_type(db_session, world.show(), price=0)
        build.buy(db_session, world.show(), {kind.id: 1}, names=["Gus"], email="gus@example.org")
    (message,) = mail.to("gus@example.org")
    check(mail, message, "by https: //evil. example club", "Questions go to the organizer: desk@fair.example")


@pytest.mark.parametrize("ext", ["txt", "html"])
def test_every_mail_about_a_show_says_why_it_comes(ext: str) -> None:
    """A new mail cannot fall back to a foot that says nothing."""
    for path in TEMPLATES.rglob(f"*.{ext}"):
        if path.parent.name in ("email", "accounts", "registration"):
            continue
        text = path.read_text(encoding="utf-8")
        parent = re.findall(r'{% extends "email/([^"]+)"', text)
        assert parent == ["orders/_order." + ext] or (parent == ["_show." + ext] and "{% block reason %}" in text), path
