"""Cards at a provider: one page, one payment, one refund, however often, late and out of order word of them comes."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.config import Settings, SettingsError
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState, Payment, PaymentState, PayMethod, Refund, RefundState
from swapmeet.orders.services import closing
from swapmeet.payments.models import CardPayment, CardRefund, ProviderEvent
from swapmeet.payments.providers.interface import ProviderDown, ProviderRefused
from swapmeet.payments.providers.stripe_checkout import StripeCheckout
from swapmeet.payments.services import cards
from swapmeet.web.security import policy_of
from tests.orders.conftest import Shop, fresh
from tests.orders.test_payments import cancel, refunds
from tests.payments.test_deposits import faults
from tests.support.forms import post
from tests.support.stripe_fake import KEY, SECRET, StripeFake


def press(shop: Shop, order: Order) -> Any:
    client = shop.world.client()
    return post(client, f"/orders/{order.code}/{order.link_key}/card-payments")


def send(shop: Shop, message: Any) -> tuple[int, str]:
    content, signature = message
    answer = shop.world.client().post(
        "/webhooks/stripe", data=content, headers={"Stripe-Signature": signature, "Content-Type": "application/json"}
    )
    return answer.status_code, str(answer.get_json(silent=True))


def payments_of(order_id: int) -> list[Payment]:
    fresh()
    return list(db.session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)))


def an_order(shop: Shop, price: int = 3000, capacity: int | None = None) -> Order:
    return shop.place(shop.cart((shop.quota(price=price, capacity=capacity), 1)), method=PayMethod.CARD)


def paid_order(shop: Shop, fake: StripeFake) -> Order:
    order = an_order(shop)
    press(shop, order)
    session = fake.pay(list(fake.sessions)[-1])
    assert send(shop, fake.message("checkout.session.completed", session)) == (200, "{'outcome': 'paid'}")
    return order


def test_without_settings_there_is_no_button_and_no_address(shop: Shop) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    client, url = shop.world.client(), f"/orders/{order.code}/{order.link_key}"
    assert "by card" not in client.get(url).get_data(as_text=True)
    assert post(client, f"{url}/card-payments").status_code == 404
    assert client.post("/webhooks/stripe", data=b"{}").status_code == 404


def test_settings_go_together_and_the_address_is_a_test_handle() -> None:
    with pytest.raises(SettingsError, match="both or neither"):
        Settings.from_env({"SWAPMEET_STRIPE_KEY": "sk_x"})
    production = {"SWAPMEET_ENV": "production", "SWAPMEET_STRIPE_ADDRESS": "http://127.0.0.1:1"}
    with pytest.raises(SettingsError, match="SWAPMEET_STRIPE_ADDRESS"):
        Settings.from_env(production)


def test_browsers_may_follow_the_button_to_the_card_page_and_forms_go_nowhere_else() -> None:
    plain, cards = policy_of(Settings()), policy_of(Settings(stripe_key=KEY, stripe_webhook_secret=SECRET))
    assert "form-action 'self';" in plain
    assert "form-action 'self' https://checkout.stripe.com;" in cards


def test_the_button_leads_to_one_page_however_often_it_is_pressed(shop: Shop, stripe_fake: StripeFake) -> None:
    order = an_order(shop)
    page = shop.world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True)
    assert "Pay $30.00 by card" in page
    places = {press(shop, order).location for _ in range(4)}
    assert len(places) == 1 and places.pop().startswith(f"{stripe_fake.url}/pay/cs_test_")
    assert stripe_fake.calls == ["session"]
    assert [payment.state for payment in payments_of(order.id)] == [PaymentState.PENDING]


def test_who_comes_back_by_another_way_is_not_asked_to_pay_twice(shop: Shop, stripe_fake: StripeFake) -> None:
    order = an_order(shop)
    address = f"/orders/{order.code}/{order.link_key}"
    client = shop.world.client()
    assert "You began to pay by card" not in client.get(address).get_data(as_text=True)
    press(shop, order)
    assert "You began to pay by card" in client.get(address).get_data(as_text=True)
    stripe_fake.pay(next(iter(stripe_fake.sessions)))
    stripe_fake.failing = 3
    assert press(shop, order).location.startswith(stripe_fake.url), (
        "the provider is silent: the page it has says the rest"
    )
    again = post(client, f"{address}/card-payments")
    assert again.location.endswith(address)
    page = client.get(address).get_data(as_text=True)
    assert "You have paid by card already" in page and "You began to pay by card" not in page
    assert shop.read(order.id).state is OrderState.CONFIRMED
    assert stripe_fake.calls == ["session"] and len(payments_of(order.id)) == 1


def test_a_page_that_was_closed_at_the_provider_makes_room_for_a_new_one(shop: Shop, stripe_fake: StripeFake) -> None:
    order = an_order(shop)
    press(shop, order)
    stripe_fake.expire(next(iter(stripe_fake.sessions)))
    client = shop.world.client()
    address = f"/orders/{order.code}/{order.link_key}"
    assert post(client, f"{address}/card-payments").location.endswith(address)
    assert "nothing was charged" in client.get(address).get_data(as_text=True)
    assert press(shop, order).location.startswith(stripe_fake.url)
    assert [payment.state for payment in payments_of(order.id)] == [PaymentState.CANCELED, PaymentState.PENDING]


def test_a_lost_answer_of_the_provider_leads_to_the_same_page(shop: Shop, stripe_fake: StripeFake) -> None:
    order = an_order(shop)
    stripe_fake.failing = 3
    assert press(shop, order).location.endswith(f"/orders/{order.code}/{order.link_key}")
    assert press(shop, order).location.startswith(stripe_fake.url)
    assert stripe_fake.calls == ["session"]
    assert len(payments_of(order.id)) == 1


def test_r_t48_each_message_up_to_five_times_makes_one_payment_and_one_mail(
    shop: Shop, stripe_fake: StripeFake, mail: Any
) -> None:
    order = an_order(shop)
    press(shop, order)
    session = stripe_fake.pay(next(iter(stripe_fake.sessions)))
    same = stripe_fake.message("checkout.session.completed", session, ref="evt_1")
    assert [send(shop, same)[1] for _ in range(5)] == ["{'outcome': 'paid'}"] + ["{'outcome': 'repeated'}"] * 4
    other = stripe_fake.message("checkout.session.async_payment_succeeded", session)
    assert send(shop, other)[1] == "{'outcome': 'known before'}"
    assert shop.read(order.id).state is OrderState.CONFIRMED
    (payment,) = payments_of(order.id)
    assert (payment.method, payment.state, payment.amount_minor) == (PayMethod.CARD, PaymentState.CONFIRMED, 3000)
    confirmed = [message for message in mail.to("gus@example.org") if "is confirmed" in message["Subject"]]
    assert len(confirmed) == 1
    assert faults() == []


def test_messages_in_any_order_and_days_late_end_the_same(shop: Shop, stripe_fake: StripeFake, clock: Any) -> None:
    orders = [an_order(shop) for _ in range(6)]
    messages = []
    for order in orders:
        press(shop, order)
    sessions = list(stripe_fake.sessions.values())
    messages += [stripe_fake.message("checkout.session.completed", session) for session in sessions]
    for session in sessions[:4]:
        stripe_fake.pay(session["id"])
        intent = {"id": session["payment_intent"], "object": "payment_intent"}
        messages.append(stripe_fake.message("checkout.session.completed", session))
        messages.append(stripe_fake.message("payment_intent.succeeded", intent))
    clock.advance(minutes=40)
    messages += [
        stripe_fake.message("checkout.session.expired", stripe_fake.session(each["id"])) for each in sessions[4:]
    ]
    clock.advance(days=3)
    rng = random.Random(7)
    stream = [message for message in messages for _ in range(rng.randint(1, 5))]
    rng.shuffle(stream)
    assert {send(shop, message)[0] for message in stream} == {200}
    states = [shop.read(order.id).state.value for order in orders]
    assert states == ["confirmed"] * 4 + ["placed"] * 2
    found = [payments_of(order.id)[0].state.value for order in orders]
    assert found == ["confirmed"] * 4 + ["canceled"] * 2
    assert faults() == []


def test_r_t51_forged_old_and_unknown_messages_do_nothing(shop: Shop, stripe_fake: StripeFake) -> None:
    order = an_order(shop)
    press(shop, order)
    session = dict(stripe_fake.session(next(iter(stripe_fake.sessions))), payment_status="paid", status="complete")
    session["payment_intent"] = "pi_forged"
    good, signature = stripe_fake.message("checkout.session.completed", session)
    wrong = [
        stripe_fake.message("checkout.session.completed", session, secret="whsec_other"),
        stripe_fake.message("checkout.session.completed", session, at=1.0),
        (good.replace(b"3000", b"3001"), signature),
        (good, ""),
        (good, "t=1,v1=abc"),
        (b"", signature),
        (b"\xff\x00", "nonsense"),
        stripe_fake.message("x", {"object": "checkout.session"}),
        (b"x" * (600 * 1024), signature),
    ]
    assert {send(shop, message)[0] for message in wrong} == {400, 413}
    unknown = {**session, "id": "cs_test_unknown"}
    assert send(shop, stripe_fake.message("checkout.session.completed", unknown)) == (200, "{'outcome': 'unknown'}")
    assert (
        send(shop, stripe_fake.message("refund.updated", {"object": "refund", "id": "re_x", "status": "succeeded"}))[0]
        == 200
    )
    assert send(shop, stripe_fake.message("customer.created", {"object": "customer", "id": "cus_1"}))[0] == 200
    assert shop.read(order.id).state is OrderState.PLACED
    assert db.session.scalars(select(ProviderEvent.outcome).order_by(ProviderEvent.id)).all() == [
        "unknown",
        "unknown",
        "not followed",
    ]


def test_another_sum_than_was_asked_for_confirms_nothing_and_is_kept_as_a_problem(
    shop: Shop, stripe_fake: StripeFake
) -> None:
    order = an_order(shop)
    press(shop, order)
    session = stripe_fake.pay(next(iter(stripe_fake.sessions)))
    for change in ({"amount_total": 2999}, {"currency": "eur"}):
        answer = send(shop, stripe_fake.message("checkout.session.completed", {**session, **change}))
        assert answer == (200, "{'outcome': 'another sum'}")
    assert shop.read(order.id).state is OrderState.PLACED
    assert "another sum" in db.session.scalars(select(CardPayment.problem)).one()


def test_a_lost_return_page_and_a_lost_message_are_found_by_looking_up(
    shop: Shop, stripe_fake: StripeFake, mail: Any, clock: Any
) -> None:
    order = an_order(shop)
    press(shop, order)
    stripe_fake.pay(next(iter(stripe_fake.sessions)))
    mail.to("gus@example.org")
    assert shop.read(order.id).state is OrderState.PLACED
    clock.advance(minutes=3)
    mail.to("gus@example.org")
    assert shop.read(order.id).state is OrderState.CONFIRMED


def test_the_return_page_waits_and_asks_when_told_to(shop: Shop, stripe_fake: StripeFake) -> None:
    order, client = an_order(shop), shop.world.client()
    press(shop, order)
    (payment,) = payments_of(order.id)
    url = f"/orders/{order.code}/{order.link_key}/card-payments/{payment.id}"
    assert "We wait for word" in client.get(url).get_data(as_text=True)
    assert post(client, f"{url}/look-ups").status_code == 303
    assert "We wait for word" in client.get(url).get_data(as_text=True)
    stripe_fake.pay(next(iter(stripe_fake.sessions)))
    stripe_fake.failing = 3
    assert post(client, f"{url}/look-ups").status_code == 303
    assert "does not answer" in client.get(url).get_data(as_text=True)
    assert post(client, f"{url}/look-ups").status_code == 303
    assert client.get(url).status_code == 303
    assert shop.read(order.id).state is OrderState.CONFIRMED
    assert client.get(url.replace(str(payment.id), "99999")).status_code == 404
    assert client.get(f"/orders/{order.code}/wrong/card-payments/{payment.id}").status_code == 404


def test_a_refund_goes_back_to_the_card_once(shop: Shop, stripe_fake: StripeFake, mail: Any) -> None:
    order = paid_order(shop, stripe_fake)
    cancel(shop, order.id, full=True)
    (refund,) = refunds()
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}"
    assert "Send back to the card" in client.get(f"{base}/refunds").get_data(as_text=True)
    for _ in range(3):
        assert post(client, f"{base}/money/refunds/{refund.id}/card").status_code == 303
    mail.to("gus@example.org")
    assert stripe_fake.calls == ["session", "refund"]
    assert refunds()[0].state is RefundState.DONE
    ref = next(iter(stripe_fake.refunds))
    assert (
        send(shop, stripe_fake.message("refund.updated", stripe_fake.refunds[ref]))[1] == "{'outcome': 'known before'}"
    )
    assert faults() == []


def test_a_refund_that_is_on_its_way_is_done_or_comes_back_by_message(
    shop: Shop, stripe_fake: StripeFake, mail: Any
) -> None:
    stripe_fake.refund_status = "pending"
    orders = [paid_order(shop, stripe_fake) for _ in range(2)]
    for order in orders:
        cancel(shop, order.id, full=True)
    for refund in refunds():
        with transaction() as db_session:
            cards.approve_card_refund(
                db_session, refund=db_session.get_one(Refund, refund.id), by=Actor.job("treasurer"), now=utcnow()
            )
    mail.to("gus@example.org")
    assert {refund.state for refund in refunds()} == {RefundState.SENT}
    assert faults() == []
    good, bad = list(stripe_fake.refunds)
    done = stripe_fake.message("refund.updated", stripe_fake.finish_refund(good, "succeeded"))
    back = stripe_fake.message("refund.failed", stripe_fake.finish_refund(bad, "failed"))
    assert [send(shop, message)[1] for message in (done, back, done, back)] == [
        "{'outcome': 'done'}",
        "{'outcome': 'failed'}",
        "{'outcome': 'repeated'}",
        "{'outcome': 'repeated'}",
    ]
    found = [(refund.state, refund.method) for refund in refunds()]
    assert found == [
        (RefundState.DONE, PayMethod.CARD),
        (RefundState.FAILED, PayMethod.CARD),
        (RefundState.REQUESTED, PayMethod.CHECK),
    ], "what the card did not take is still owed"
    assert faults() == []


def test_what_the_provider_refuses_is_told_to_the_treasurer(shop: Shop, stripe_fake: StripeFake, mail: Any) -> None:
    order = paid_order(shop, stripe_fake)
    cancel(shop, order.id, full=True)
    next(iter(stripe_fake.intents.values()))["refunded"] = 3000  # given back by hand at the provider
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}"
    post(client, f"{base}/money/refunds/{refunds()[0].id}/card")
    mail.to("gus@example.org")
    assert refunds()[0].state is RefundState.APPROVED
    assert "greater than unrefunded" in db.session.scalars(select(CardRefund.problem)).one()
    page = client.get(f"{base}/refunds").get_data(as_text=True)
    assert "greater than unrefunded" in page
    assert faults() == []


def test_r_t49_a_card_payment_after_the_order_ended_is_honored_or_goes_back_with_one_click(
    shop: Shop, stripe_fake: StripeFake, clock: Any, mail: Any
) -> None:
    with transaction():
        shop.world.show().contact_email = "show@example.org"
    first, gone = an_order(shop, capacity=1), an_order(shop, capacity=1)
    for order in (first, gone):
        press(shop, order)
    sessions = list(stripe_fake.sessions)
    for ref in sessions:
        stripe_fake.pay(ref)
    clock.advance(days=3)
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 2
    shop.order((shop.read(gone.id).lines[0].product_id, 1))
    for ref in sessions:
        send(shop, stripe_fake.message("checkout.session.completed", stripe_fake.sessions[ref]))
    assert [shop.read(order.id).state for order in (first, gone)] == [OrderState.CONFIRMED, OrderState.EXPIRED]
    assert [(refund.amount_minor, refund.method) for refund in refunds()] == [(3000, PayMethod.CARD)]
    told = [message for message in mail.to("show@example.org") if "came late" in message["Subject"]]
    assert len(told) == 2
    post(shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/refunds/{refunds()[0].id}/card")
    mail.to("gus@example.org")
    assert refunds()[0].state is RefundState.DONE
    assert faults() == []


def test_the_stand_in_refuses_what_stripe_refuses(stripe_fake: StripeFake) -> None:
    good = StripeCheckout(KEY, SECRET, address=stripe_fake.url)
    other = StripeCheckout("sk_test_other", SECRET, address=stripe_fake.url)
    with pytest.raises(ProviderRefused):
        other.look_up_page("cs_test_x")
    with pytest.raises(ProviderRefused):
        good.look_up_page("cs_test_x")
    with pytest.raises(ProviderRefused):
        good.send_back(intent_ref="pi_x", amount_minor=1, key="k1")
    down = StripeCheckout(KEY, SECRET, address="http://127.0.0.1:9")
    with pytest.raises(ProviderDown):
        down.look_up_page("cs_test_x")
