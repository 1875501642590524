"""Hosted Stripe Checkout (https://docs.stripe.com/payments/checkout): page, look-up, refund, signed messages."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from swapmeet.payments.providers.interface import (
    BackState,
    Forged,
    HostedPage,
    Message,
    PageState,
    ProviderDown,
    ProviderRefused,
    SentBack,
    Wanted,
)

Result = TypeVar("Result")

TIMEOUT_S = 20
REPEATS = 2
# Stripe counts these in whole units (https://docs.stripe.com/currencies#zero-decimal), and so do we.
BACK_STATES = {"succeeded": BackState.DONE, "failed": BackState.FAILED, "canceled": BackState.FAILED}


class StripeCheckout:
    """Implements interface.Provider."""

    name = "stripe"

    def __init__(self, key: str, webhook_secret: str, *, address: str = "") -> None:
        self.webhook_secret = webhook_secret
        addresses: Any = {"api": address} if address else {}
        self.client = stripe.StripeClient(
            key,
            base_addresses=addresses,
            max_network_retries=REPEATS,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def open_page(self, wanted: Wanted) -> HostedPage:
        """A page of the provider that takes this sum once, until `ends_at`."""
        line = {
            "quantity": 1,
            "price_data": {
                "currency": wanted.currency.lower(),
                "unit_amount": wanted.amount_minor,
                "product_data": {"name": wanted.title},
            },
        }
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [line],
            "success_url": wanted.back_url,
            "cancel_url": wanted.stop_url,
            "expires_at": int(wanted.ends_at.timestamp()),
            "client_reference_id": str(wanted.payment_id),
            "payment_intent_data": {"metadata": {"payment": str(wanted.payment_id)}},
        }
        if wanted.email:
            params["customer_email"] = wanted.email
        create: Any = self.client.v1.checkout.sessions.create
        return _page(_ask(lambda: create(params=params, options={"idempotency_key": wanted.key})))

    def look_up_page(self, session_ref: str) -> HostedPage:
        return _page(_ask(lambda: self.client.v1.checkout.sessions.retrieve(session_ref)))

    def send_back(self, *, intent_ref: str, amount_minor: int, key: str) -> SentBack:
        params: Any = {"payment_intent": intent_ref, "amount": amount_minor}
        create: Any = self.client.v1.refunds.create
        return _sent_back(_ask(lambda: create(params=params, options={"idempotency_key": key})))

    def read_message(self, content: bytes, signature: str) -> Message:
        try:
            stripe.Webhook.construct_event(content, signature, self.webhook_secret)
            event = json.loads(content)
            about = event["data"]["object"]
            kind, name = str(event["type"]), str(about.get("object", ""))
            page = _page(about) if name == "checkout.session" else None
            sent_back = _sent_back(about) if name == "refund" else None
            return Message(str(event["id"])[:200], kind[:100], str(about.get("id", ""))[:200], page, sent_back)
        except stripe.SignatureVerificationError as error:
            raise Forged("the signature is wrong or old") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Forged("the message has another shape") from error


def _ask(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise ProviderDown(str(error.user_message or type(error).__name__)) from error
    except stripe.StripeError as error:
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise ProviderDown(str(error.user_message or type(error).__name__)) from error
        raise ProviderRefused(str(error.user_message or "The provider refused it.")[:300]) from error


def _page(session: Any) -> HostedPage:
    """An unpaid complete session waits for a slow way to pay; a later message says how it went."""
    state = PageState.OPEN
    if session["payment_status"] == "paid":
        state = PageState.PAID
    elif session["status"] == "expired":
        state = PageState.EXPIRED
    intent = session["payment_intent"]
    return HostedPage(
        session_ref=str(session["id"]),
        state=state,
        url=str(session["url"] or ""),
        intent_ref=str(intent) if intent else None,
        amount_minor=int(session["amount_total"] or 0),
        currency=str(session["currency"] or "").upper(),
    )


def _sent_back(refund: Any) -> SentBack:
    state = BACK_STATES.get(str(refund["status"]), BackState.PENDING)
    problem = str(refund["failure_reason"] or "") if "failure_reason" in refund else ""
    return SentBack(str(refund["id"]), state, problem[:300])
