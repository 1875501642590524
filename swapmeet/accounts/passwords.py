"""Which passwords are taken, and comparing one with what is stored."""

import unicodedata
from functools import lru_cache

from flask_security import hash_password, verify_password

from swapmeet.accounts import blocklist

LENGTH_ALONE = 15
LENGTH_WITH_CODE = 8
LENGTH_MAX = 256


def normalize(typed: str) -> str:
    """NFKC: letters that look the same and mean the same are one, however a keyboard sends them."""
    return unicodedata.normalize("NFKC", typed)


def find_fault(password: str, *, known: tuple[str, str], least: int) -> str | None:
    """What is wrong with a new password, in a sentence, or None. `known` are the person's name and address."""
    normal = normalize(password)
    if len(normal) < least:
        return f"Use at least {least} characters. Three or four words that do not belong together are easy to remember."
    if len(normal) > LENGTH_MAX:
        return f"Use at most {LENGTH_MAX} characters."
    return blocklist.find_fault(normal, known)


def hashed(password: str) -> str:
    """What is stored of a password."""
    return str(hash_password(normalize(password)))


def matches(typed: str, stored: str | None) -> bool:
    """Is `typed` the password behind the hash `stored`? False when there is none, after the same work."""
    stand_in = _stand_in()
    good = bool(verify_password(normalize(typed), stored or stand_in))
    return good and stored is not None


@lru_cache(maxsize=1)
def _stand_in() -> str:
    return hashed("nobody has this password")
