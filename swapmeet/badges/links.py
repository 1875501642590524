"""The secret of the link under which the holder of a badge sees it. It stands in no database and dies with the badge's code."""

import hmac
from base64 import urlsafe_b64encode

from flask import current_app

LENGTH = 24  # bytes, as in codes.link_key


def badge_key(badge_id: int, code: str) -> str:
    """The key of a badge's link: only the installation's secret key and the badge's own secret code give it."""
    secret = current_app.secret_key or b""
    raw = secret.encode() if isinstance(secret, str) else secret
    return urlsafe_b64encode(
        hmac.digest(raw, f"swapmeet badge link {badge_id} {code}".encode(), "sha256")[:LENGTH]
    ).decode()
