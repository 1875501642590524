"""Compares passwords with what is stored, in the same time whether anything is stored or not."""

from functools import lru_cache

from flask_security import hash_password, verify_password
from flask_security.proxies import _security


def matches(typed: str, stored: str | None) -> bool:
    """Is `typed` the password behind the hash `stored`? False when there is none, after the same work."""
    stand_in = _stand_in()
    good = bool(verify_password(_security.password_util.normalize(typed), stored or stand_in))
    return good and stored is not None


@lru_cache(maxsize=1)
def _stand_in() -> str:
    return str(hash_password("nobody has this password"))
