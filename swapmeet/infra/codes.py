"""Order, badge and link codes. All from `secrets`; none can be guessed from another."""

import hashlib
import hmac
import secrets

# No 0/O, 1/I/L: they are read aloud and typed from paper.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def order_code() -> str:
    """Eight readable characters (about 40 bits): a name for the order. It opens nothing by itself."""
    return _readable(8)


def badge_code() -> str:
    """26 readable characters (about 129 bits): what the QR code carries and the door accepts."""
    return _readable(26)


def _readable(length: int) -> str:
    """So many characters, each as likely as the others: digits of one random number in base 31."""
    number, found = secrets.randbelow(len(READABLE) ** length), []
    for _ in range(length):
        number, digit = divmod(number, len(READABLE))
        found.append(READABLE[digit])
    return "".join(found)


def link_key() -> str:
    """A key for links in mails and cookies: 192 bits, safe in addresses."""
    return secrets.token_urlsafe(24)


def draw_seed() -> int:
    """Nine digits that nobody could have chosen, short enough to be read aloud and typed."""
    return 100_000_000 + secrets.randbelow(900_000_000)


def digest(secret: str) -> str:
    """What is stored of a link key or token: its SHA-256. The keys are random, so no salt or stretching is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_key(given: str, known: str | None) -> bool:
    """Is this the key of a link? None for a link that never was, which takes as long to refuse."""
    return hmac.compare_digest(digest(given), digest(known or "")) and known is not None


def clean_typed(text: str) -> str:
    """A code as typed at the door: upper case, without spaces and dashes, cut to what a code can be long."""
    return "".join(ch for ch in text.upper() if ch.isalnum())[:64]
