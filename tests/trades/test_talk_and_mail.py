"""The talk between two traders, and the mails that tell of offers."""

from typing import Any

import pytest

from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.uow import transaction
from tests.support.forms import post
from tests.trades.stall import agreed_trade, list_thing, offer_of


def test_the_two_of_an_offer_write_to_each_other(world: Any, mail: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    tess, tom = world.client("tess"), world.client("tom")
    url = f"/me/trades/offers/{offer_id}/messages"
    assert post(tess, url, {"body": "Is it <b>heavy</b>?"}).status_code == 303
    page = tom.get(f"/me/trades/offers/{offer_id}").text
    assert "Is it &lt;b&gt;heavy&lt;/b&gt;?" in page and "example.org" not in page.split("<main")[1]
    post(tom, url, {"body": "Not at all."})
    assert "Not at all." in tess.get(f"/me/trades/offers/{offer_id}").text
    empty = post(tom, url, {"body": "  "})
    assert empty.status_code == 422 and "Write something first." in empty.text
    long = post(tom, url, {"body": "x" * 2001})
    assert long.status_code == 422 and "At most 2,000 characters" in long.text


def test_many_messages_in_an_hour_are_one_mail(world: Any, mail: Any, clock: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    for number in range(5):
        post(world.client("tess"), f"/me/trades/offers/{offer_id}/messages", {"body": f"Message {number}"})
    subjects = [str(one["Subject"]) for one in mail.to("tom.trader@example.org")]
    assert sorted(subjects) == [
        "Tess T. has written to you about a trade",
        "Tess T. offers you a trade at Lakeside Fair",
    ]
    clock.advance(hours=1)
    post(world.client("tess"), f"/me/trades/offers/{offer_id}/messages", {"body": "Later"})
    assert len(mail.to("tom.trader@example.org")) == 3


def test_a_long_talk_has_pages(world: Any) -> None:
    offer_id, _, _ = agreed_trade(world)
    from swapmeet.trades.models import Message, Offer

    with transaction() as db_session:
        offer = db_session.get_one(Offer, offer_id)
        for number in range(45):
            db_session.add(
                Message(
                    event_id=offer.event_id,
                    thread_id=offer.thread_id,
                    sender_id=world.ids["tess"],
                    body=f"Message number {number:03}",
                    sent_at=utcnow(),
                )
            )
    page = world.client("tom").get(f"/me/trades/offers/{offer_id}").text
    assert "number 044" in page and "number 014" not in page and "Earlier messages" in page
    older = world.client("tom").get(f"/me/trades/offers/{offer_id}?page=2").text
    assert "number 014" in older and "number 044" not in older and "Later messages" in older


def test_each_step_of_a_trade_is_told_to_the_other_side_once(world: Any, mail: Any) -> None:
    offer_id, _, _ = agreed_trade(world)
    tom = mail.to("tom.trader@example.org")
    assert [str(one["Subject"]) for one in tom] == []  # the offer was answered before its mail went out
    answer = mail.to("tess.trader@example.org")[-1]
    assert "Tom T. has answered your offer" in str(answer["Subject"])
    text = mail.text(answer)
    assert "has accepted your offer" in text and f"http://localhost/me/trades/offers/{offer_id}" in text
    tess = world.client("tess")
    for done in ("1", "0", "1"):
        post(tess, f"/me/trades/offers/{offer_id}/completion", {"done": done})
    ticks = [one for one in mail.to("tom.trader@example.org") if "says your trade is done" in str(one["Subject"])]
    assert len(ticks) == 1
    post(world.client("tom"), f"/me/trades/offers/{offer_id}/cancellation", {"note": "http://evil.example <b>x</b>"})
    off = mail.to("tess.trader@example.org")[-1]
    assert "called off" in str(off["Subject"]) and "evil.example" not in mail.text(off)


def test_r_t20_names_and_titles_make_no_link_and_no_markup_in_mails(world: Any, mail: Any) -> None:
    with transaction() as db_session:
        db_session.get_one(Person, world.ids["tess"]).name = "<b>Tess</b> https://evil.example"
    chairs = list_thing(world, "tess", title="Free at www.evil.example [x](http://evil.example) <a href=x>y</a>")
    wagon = list_thing(world, "tom", title="Hay wagon")
    offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    message = mail.to("tom.trader@example.org")[0]
    html = message.get_body(("html",)).get_content()
    for part in (mail.text(message), html):
        assert "evil.example" not in part and "://evil" not in part
    assert "<b>Tess" not in html and "<a href=x>" not in html and "&lt;a href=x&gt;" in html


def test_r_t22_line_ends_in_names_add_no_header(world: Any, mail: Any) -> None:
    with transaction() as db_session:
        db_session.get_one(Person, world.ids["tess"]).name = "Tess\r\nBcc: all@example.org"
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    message = mail.to("tom.trader@example.org")[0]
    assert message["Bcc"] is None and "\n" not in str(message["Subject"])


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("evil.example", "evil. example"),
        ("https://a.bc", "https: //a. bc"),
        ("Scale 1:22.5", "Scale 1:22.5"),
        ("a@b.org", "a at b. org"),
        ("line\nend", "line end"),
    ],
)
def test_typed_words_are_shown_so_that_nothing_becomes_a_link(typed: str, shown: str) -> None:
    assert unlinked(typed) == shown
