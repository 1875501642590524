"""A stand-in for Stripe over HTTP: it keeps sessions, payments and refunds, and refuses what Stripe refuses.

Tests pay on a page (`pay`), send a refund through or back (`finish_refund`), and take signed messages (`message`).
"""

import hashlib
import hmac
import html
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

KEY, SECRET = "sk_test_fake", "whsec_fake"
SESSION_FIELDS = {
    "mode", "success_url", "cancel_url", "expires_at", "client_reference_id", "customer_email",
    "line_items[0][quantity]", "line_items[0][price_data][currency]", "line_items[0][price_data][unit_amount]",
    "line_items[0][price_data][product_data][name]", "payment_intent_data[metadata][payment]",
}  # fmt: skip
REFUND_FIELDS = {"payment_intent", "amount"}
HALF_HOUR, DAY = 30 * 60, 24 * 3600


class Refusal(Exception):
    """What Stripe answers no with: (status, type, code, words)."""

    def __init__(self, status: int, kind: str, code: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": words}}


def _invalid(code: str, words: str) -> Refusal:
    return Refusal(400, "invalid_request_error", code, words)


class StripeFake:
    """The books of the stand-in. `now` can be set, so that clocks of tests agree with it; `calls` counts what was really done."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, dict[str, Any]]] = {}
        self.calls: list[str] = []
        self.failing = 0  # so many requests are answered with 500 after they were done
        self.refund_status = "succeeded"
        self.clock = time.time
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": self}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True
        ).start()  # seconds that a close waits

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # --- what the API does ------------------------------------------------------------------------------------------

    def post(self, path: str, fields: dict[str, str], key: str) -> dict[str, Any]:
        """One request with an idempotency key: repeated it gives the first answer, with other content it is an error."""
        content = json.dumps([path, sorted(fields.items())])
        with self.lock:
            if key and key in self.answers:
                known, answer = self.answers[key]
                if known != content:
                    raise Refusal(
                        400, "idempotency_error", "idempotency_error", "Keys can only be used with the same content."
                    )
                return answer
            answer = self._do(path, fields)
            if key:
                self.answers[key] = (content, answer)
            return answer

    def _do(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        if path == "/v1/checkout/sessions":
            return self._open(fields)
        if path == "/v1/refunds":
            return self._refund(fields)
        raise Refusal(404, "invalid_request_error", "resource_missing", f"Unrecognized request URL {path}")

    def _open(self, fields: dict[str, str]) -> dict[str, Any]:
        for name in fields.keys() - SESSION_FIELDS:
            raise _invalid("parameter_unknown", f"Received unknown parameter: {name}")
        amount = _whole(fields, "line_items[0][price_data][unit_amount]", 50)
        quantity = _whole(fields, "line_items[0][quantity]", 1)
        currency = fields.get("line_items[0][price_data][currency]", "")
        if fields.get("mode") != "payment" or len(currency) != 3 or currency != currency.lower():
            raise _invalid("parameter_invalid", "mode or currency is missing or invalid")
        if not fields.get("line_items[0][price_data][product_data][name]"):
            raise _invalid("parameter_missing", "a product needs a name")
        for name in ("success_url", "cancel_url"):
            if not fields.get(name, "").startswith(("http://", "https://")):
                raise _invalid("url_invalid", f"{name} is not a URL")
        ends = _whole(fields, "expires_at", 1)
        if not HALF_HOUR - 60 <= ends - self.clock() <= DAY:
            raise _invalid("parameter_invalid", "expires_at must be between 30 minutes and 24 hours from now")
        ref = f"cs_test_{secrets.token_hex(12)}"
        session = {
            "id": ref,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": amount * quantity,
            "currency": currency,
            "url": f"{self.url}/pay/{ref}",
            "expires_at": ends,
            "success_url": fields["success_url"],
            "cancel_url": fields["cancel_url"],
        }
        self.sessions[ref] = session
        self.calls.append("session")
        return session

    def _refund(self, fields: dict[str, str]) -> dict[str, Any]:
        for name in fields.keys() - REFUND_FIELDS:
            raise _invalid("parameter_unknown", f"Received unknown parameter: {name}")
        intent = self.intents.get(fields.get("payment_intent", ""))
        if intent is None:
            raise _invalid("resource_missing", "No such payment_intent")
        amount = _whole(fields, "amount", 1)
        if intent["refunded"] + amount > intent["amount"]:
            raise _invalid("charge_already_refunded", "Refund amount is greater than unrefunded amount on charge")
        intent["refunded"] += amount
        ref = f"re_{secrets.token_hex(12)}"
        refund = {
            "id": ref,
            "object": "refund",
            "amount": amount,
            "status": self.refund_status,
            "payment_intent": intent["id"],
        }
        self.refunds[ref] = refund
        self.calls.append("refund")
        return refund

    def session(self, ref: str) -> dict[str, Any]:
        if ref not in self.sessions:
            raise Refusal(404, "invalid_request_error", "resource_missing", f"No such checkout.session: {ref}")
        session = self.sessions[ref]
        if session["status"] == "open" and self.clock() > session["expires_at"]:
            session["status"], session["url"] = "expired", None
        return session

    # --- what people and banks do -----------------------------------------------------------------------------------

    def pay(self, ref: str) -> dict[str, Any]:
        """The buyer pays on the page. Raises Refusal when it is over or paid before."""
        session = self.session(ref)
        if session["status"] != "open":
            raise _invalid("session_over", "this page is over")
        intent = {"id": f"pi_{secrets.token_hex(12)}", "amount": session["amount_total"], "refunded": 0}
        self.intents[intent["id"]] = intent
        session.update(status="complete", payment_status="paid", payment_intent=intent["id"], url=None)
        return session

    def expire(self, ref: str) -> dict[str, Any]:
        """The page is closed before anybody has paid on it."""
        session = self.session(ref)
        session.update(status="expired", url=None)
        return session

    def finish_refund(self, ref: str, status: str) -> dict[str, Any]:
        refund = self.refunds[ref]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "lost_or_stolen_card"
            self.intents[refund["payment_intent"]]["refunded"] -= refund["amount"]
        return refund

    def message(
        self, kind: str, about: dict[str, Any], *, ref: str = "", at: float | None = None, secret: str = SECRET
    ) -> Any:
        """(content, signature) of an event about an object, as Stripe sends it; repeats keep `ref`."""
        event = {
            "id": ref or f"evt_{secrets.token_hex(8)}",
            "object": "event",
            "type": kind,
            "data": {"object": dict(about)},
        }
        content = json.dumps(event).encode()
        stamp = int(at if at is not None else time.time())
        signed = hmac.new(secret.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()
        return content, f"t={stamp},v1={signed}"


def _whole(fields: dict[str, str], name: str, least: int) -> int:
    raw = fields.get(name, "")
    if not raw.isdigit() or int(raw) < least:
        raise _invalid("parameter_invalid_integer", f"Invalid integer: {name}")
    return int(raw)


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the stand-in that `fake` names."""

    fake: StripeFake

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.path.startswith("/pay/"):
            self._page(self.path.removeprefix("/pay/"))
            return
        self._answer(lambda: self.fake.session(self.path.removeprefix("/v1/checkout/sessions/")))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path.startswith("/pay/"):
            self._pay(self.path.removeprefix("/pay/"))
            return
        fields = dict(parse_qsl(raw, keep_blank_values=True))
        self._answer(lambda: self.fake.post(self.path, fields, self.headers.get("Idempotency-Key", "")))

    def _answer(self, work: Any) -> None:
        try:
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                raise Refusal(401, "invalid_request_error", "", "Invalid API Key provided")
            status, body = 200, work()
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        if self.fake.failing > 0:
            self.fake.failing -= 1
            status, body = 500, {"error": {"type": "api_error", "message": "An error occurred"}}
        self._send(status, json.dumps(body), "application/json")

    def _page(self, ref: str) -> None:
        session = self.fake.sessions[ref]
        amount = f"{session['amount_total']} {html.escape(session['currency'])}"
        form = f"<h1>Pay {amount}</h1><form method='post'><button>Pay</button></form>"
        if session["status"] != "open":
            form = "<h1>This page is over</h1>"
        self._send(
            200,
            f"<!doctype html><html lang='en'><title>Pay</title><link rel='icon' href='data:,'>{form}",
            "text/html",
        )

    def _pay(self, ref: str) -> None:
        session = self.fake.pay(ref)
        self.send_response(303)
        self.send_header("Location", session["success_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, body: str, kind: str) -> None:
        raw = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
