"""The secret of an order's link: it is made of the installation's secret key and the order's row, and stands in no database.

The row keeps a random seal. The key is that seal under a mask that only the secret key and the order's code give, so a copy
of the database opens no order, while mails and pages can name the same link again and again.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import current_app

LENGTH = 24  # bytes, as in codes.link_key


def link_key(code: str, seal: str) -> str:
    """The key of the link of the order with this code. Under another secret key it is another one, as hard to guess."""
    secret = current_app.secret_key or b""
    raw = secret.encode() if isinstance(secret, str) else secret
    mask = hmac.digest(raw, f"swapmeet order link {code}".encode(), "sha256")[:LENGTH]
    key = int.from_bytes(urlsafe_b64decode(seal)) ^ int.from_bytes(mask)
    return urlsafe_b64encode(key.to_bytes(LENGTH)).decode()
