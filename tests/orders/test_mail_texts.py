"""Mails in the show's own words: listed placeholders and nothing else, seen on a real order first, and a way back."""

from typing import Any

import pytest

from swapmeet.badges import qr
from swapmeet.infra.codes import badge_code
from swapmeet.infra.db import db
from swapmeet.infra.outbox import Mail
from swapmeet.infra.uow import transaction
from swapmeet.orders.mail import FACTS
from swapmeet.orders.manage.texts import KINDS, _keyless
from swapmeet.orders.texts.filling import PLACEHOLDERS, fill, unknown_in
from swapmeet.orders.texts.models import MailText
from tests.orders.conftest import Shop, fresh
from tests.support.forms import post

BODY = "Dear {name},\n\nplease pay {owed} for {order} by {due}. See you at {show}!"


def url(shop: Shop, kind: str = "placed") -> str:
    return f"/manage/shows/{shop.world.slug}/mail-texts/{kind}"


def save(shop: Shop, **typed: str) -> Any:
    return post(shop.world.client("olga"), url(shop), {"subject": "", "body": BODY, **typed})


def test_every_kind_of_mail_about_an_order_can_be_written() -> None:
    assert set(KINDS) == set(FACTS)


def test_values_are_put_in_once_and_never_looked_through() -> None:
    assert fill("{name} {order}", {"name": "{order}", "order": "X"}) == "{order} X"
    assert unknown_in("{nmae} {name} {{ order }} {nmae} {config.SECRET_KEY}") == ["nmae", "config.SECRET_KEY"]
    assert unknown_in(" ".join(f"{{{name}}}" for name in PLACEHOLDERS)) == []


def test_the_mail_has_the_shows_words_and_what_was_ordered(shop: Shop, mail: Any) -> None:
    assert save(shop, subject="Your money for {show}").status_code == 303
    order = shop.order((shop.quota(price=5000), 1))
    (message,) = mail.to("gus@example.org")
    words = mail.text(message)
    assert message["Subject"] == f"Your money for {shop.world.show().name}"
    assert f"Dear Gus Guest,\n\nplease pay $50.00 for {order.code} by " in words
    assert "Weekend" in words and "Total: $50" in words and "Thank you for your order" not in words


def test_words_of_a_buyer_are_text_and_no_markup(shop: Shop, mail: Any) -> None:
    save(shop, body="Dear {name} <b>friend</b>")
    order = shop.order((shop.quota(price=5000), 1))
    with transaction() as db_session:
        db_session.get_one(type(order), order.id).buyer_name = "<script>{owed}</script>"
    (message,) = mail.to("gus@example.org")
    page = message.get_body(("html",)).get_content()
    assert "<script>" not in page and "&lt;script&gt;{owed}" in page and "&lt;b&gt;friend" in page


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"body": "Dear {nmae}"}, "{nmae}"),
        ({"subject": "{ cost }"}, "{ cost }"),
        ({"body": "{{ config }}"}, "{ config }"),
        ({"body": ""}, "Write the text"),
    ],
)
def test_an_unknown_placeholder_is_refused_by_its_name_and_nothing_is_lost(
    shop: Shop, typed: dict[str, str], named: str
) -> None:
    answer = save(shop, **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and named in page
    fresh()
    assert db.session.query(MailText).count() == 0


def test_the_preview_shows_a_real_order_and_saves_nothing(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    answer = save(shop, preview="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and f"please pay $50.00 for {order.code}" in page
    fresh()
    assert db.session.query(MailText).count() == 0


def test_the_preview_gives_nobody_the_code_of_a_ticket() -> None:
    grouped = qr.grouped(badge_code())
    mail = Mail("Your tickets", f"  Code: {grouped}\nYour order K7Q2MMMM", "")
    assert _keyless(mail).text == "  Code: …\nYour order K7Q2MMMM"


def test_the_preview_gives_nobody_the_key_of_the_buyer(shop: Shop) -> None:
    for kind, price in (("placed", 5000), ("confirmed", 0)):
        order = shop.order((shop.quota(price=price), 1))
        typed = {"subject": "", "body": "Look at {link}", "preview": "1"}
        for answer in (
            shop.world.client("olga").get(url(shop, kind)),
            post(shop.world.client("olga"), url(shop, kind), typed),
        ):
            page = answer.get_data(as_text=True)
            assert answer.status_code == 200 and f"Preview with order {order.code}" in page
            assert f"/orders/{order.code}/" in page and str(order.link_key) not in page


def test_the_standard_text_comes_back_and_another_language_has_its_own(shop: Shop, mail: Any) -> None:
    save(shop)
    client = shop.world.client("olga")
    with transaction():
        shop.world.show().locale = "de-DE"
    shop.order((shop.quota(price=5000), 1))
    assert "Thank you for your order" in mail.text(mail.to("gus@example.org")[0])
    with transaction():
        shop.world.show().locale = "en-US"
    assert "Your own" in client.get(f"/manage/shows/{shop.world.slug}/mail-texts").get_data(as_text=True)
    assert post(client, f"{url(shop)}/standard").status_code == 303
    assert "Your own" not in client.get(f"/manage/shows/{shop.world.slug}/mail-texts").get_data(as_text=True)
    assert client.get(url(shop, "nothing")).status_code == 404
    for kind in KINDS:
        assert client.get(url(shop, kind)).status_code == 200
