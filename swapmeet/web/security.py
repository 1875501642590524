"""Headers, hosts, request ids, rate limits, and the safe way back after a form."""

import logging
import secrets
from collections.abc import Callable
from ipaddress import IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from swapmeet.config import Settings
from swapmeet.infra.db import FOREIGN_VIEWS
from swapmeet.web.memory import PatientMemory

log = logging.getLogger("swapmeet.requests")

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'; script-src 'self'; style-src 'self'"
)
CARD_PAGES = "https://checkout.stripe.com"
BACK_WORKS = "private, no-cache"
FORM_AGAIN = frozenset({404, 409, 422, 429})
HOST_ONLY = "__Host-"


def client_address() -> str:
    """Whom a limit counts: the asker's address. Of an IPv6 address the first half, since one household has all of the rest."""
    given = request.remote_addr or ""
    if ":" not in given:
        return given
    try:
        address = ip_address(given.partition("%")[0])
    except ValueError:
        return given
    return str(IPv6Network((int(address) >> 64 << 64, 64)))


limiter = Limiter(client_address, headers_enabled=True, swallow_errors=True, in_memory_fallback_enabled=True)

_factor = 1


def limit_factor() -> int:
    """SWAPMEET_RATE_LIMIT_FACTOR (a test handle)."""
    return _factor


def limit(rule: str, *, methods: list[str] | None = None, page: Callable[[], Response] | None = None) -> Any:
    """A rate limit such as "10 per minute" on one view, multiplied by SWAPMEET_RATE_LIMIT_FACTOR (a test handle).

    With `methods` only those are counted; `page` makes the answer instead of the common one. Decorate once a process, at
    import: limits are kept by the view's name.
    """
    count, _, rest = rule.partition(" ")
    on_breach = (lambda _breach: page()) if page is not None else None
    return limiter.limit(lambda: f"{max(1, int(int(count) * _factor))} {rest}", methods=methods, on_breach=on_breach)


class RowId(IntegerConverter):
    """`<int:…>` in addresses: a number no database can hold names nothing, so it is not found."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**63 - 1, **kwargs})


def init_security(app: Flask, settings: Settings) -> None:
    """Wire proxies, hosts, limits, request ids and headers into the app."""
    global _factor
    app.url_map.converters["int"] = RowId
    _factor = settings.rate_limit_factor
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or f"{PatientMemory.STORAGE_SCHEME[0]}://"
    limiter.init_app(app)
    # All limits are on views, which count by themselves: there is nothing to look up before the others.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    if settings.proxy_count:
        n = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    hosts = frozenset(settings.allowed_hosts)
    policy = policy_of(settings)

    @app.before_request
    def _start() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if given.isalnum() and len(given) <= 64 else secrets.token_hex(8)
        if _host_name(request.host) not in hosts:
            abort(400)
        is_plain_form = request.mimetype == "application/x-www-form-urlencoded"
        if is_plain_form and (request.content_length or 0) > app.config["MAX_FORM_MEMORY_SIZE"]:
            abort(413)  # Werkzeug bounds the fields of multipart forms only

    @app.after_request
    def _finish(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        return add_headers(response, is_secure=settings.public_url.startswith("https://"))


def policy_of(settings: Settings) -> str:
    """Forms lead nowhere but here; where cards are taken, the button to pay is answered with the provider's page.

    Browsers hold the answer to a form to `form-action` too.
    """
    if not settings.stripe_key:
        return CSP
    return CSP.replace("form-action 'self'", f"form-action 'self' {settings.stripe_address or CARD_PAGES}")


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.rpartition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


# What every answer carries unless its view said otherwise.
ALWAYS = (
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), interest-cohort=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


def add_headers(response: Response, *, is_secure: bool) -> Response:
    """Strict defaults. Pages are private and not stored unless the view said otherwise.

    A form that comes back with its faults may be kept by the browser it was made for: browsers cannot go back to the answer
    to a POST that they were told not to store, and what somebody has typed would be gone. Account pages (passwords, codes)
    stay out of this, and signing out empties the browser's store (docs/security.md).
    """
    headers = response.headers
    set_already = {name.lower() for name, _ in headers}
    headers.extend((name, value) for name, value in ALWAYS if name.lower() not in set_already)
    if "cache-control" not in set_already:
        headers.add("Cache-Control", BACK_WORKS if _is_form_again(response) else "no-store")
    headers.setdefault("X-Request-ID", g.get("request_id", ""))
    if is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def _is_form_again(response: Response) -> bool:
    is_page = response.mimetype == "text/html" and request.method == "POST"
    return is_page and response.status_code in FORM_AGAIN and request.blueprint != FOREIGN_VIEWS


def cookie_name(name: str) -> str:
    """The name of a cookie for the whole site. By HTTPS it gets the prefix that binds it to this very host: a neighbor under
    the same domain can neither read nor plant it."""
    return f"{HOST_ONLY if current_app.config['SESSION_COOKIE_SECURE'] else ''}{name}"


def came_from(default: str) -> str:
    """The path of the page on this site whose form or link asked for this one, or `default`."""
    prefix, referrer = request.host_url.rstrip("/"), request.referrer or ""
    return safe_next(referrer.removeprefix(prefix) if referrer.startswith(prefix + "/") else None, default)


def safe_next(target: str | None, default: str) -> str:
    """A path on this site, or `default`. Refuses other hosts, schemes, protocol-relative, backslash and control tricks."""
    if not target or len(target) > 2000 or any(ord(ch) < 0x21 or ch == "\\" for ch in target):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return default
    return target
