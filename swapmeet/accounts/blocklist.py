"""Which passwords are too easily guessed: a list that ships, patterns, and the words around the person.

All is compared after NFKC, without capitals, spaces and punctuation: "Correct-Horse" and "correct horse" are one.
"""

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

LISTED = "Many people use this password, so it is tried first. Choose another."
PATTERN = "This follows a simple pattern. Three or four words that do not belong together are better."
PERSONAL = "This is little more than a name or address that others know. Choose another."

SITE_WORDS = ("swapmeet", "swap", "meet", "swapmeetorg")
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
)
LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
MIN_OWN_SIGNS = 6


def find_fault(password: str, known: Iterable[str] = ()) -> str | None:
    """Why this password is refused, in a sentence, or None. `known` are the person's name and address."""
    plain = squeeze(password)
    if plain in blocked() or squeeze(password.translate(LEET)) in blocked() or _undigited(plain) in blocked():
        return LISTED
    if is_pattern(plain):
        return PATTERN
    if _rest_without(plain, [*SITE_WORDS, *known]) < MIN_OWN_SIGNS:
        return PERSONAL
    return None


def squeeze(text: str) -> str:
    """NFKC, case folded, letters and digits only; text without any of those stays as it is."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(ch for ch in folded if ch.isalnum()) or folded


def _undigited(plain: str) -> str:
    """Without the digits people hang on at either end."""
    return plain.strip("0123456789")


def is_pattern(plain: str) -> bool:
    """A short unit said again and again, one or two different signs, or a run along the alphabet or the keyboard."""
    return len(set(plain)) <= 3 or _is_repetition(plain) or _is_run(plain)


def _is_repetition(plain: str) -> bool:
    for size in range(1, min(len(plain) // 2, 12) + 1):
        unit = plain[:size]
        if (unit * (len(plain) // size + 1))[: len(plain)] == plain:
            return True
    return False


def _is_run(plain: str) -> bool:
    """Nine signs in ten lie in stretches of four or more along one of the rows, forward or backward."""
    covered, at = 0, 0
    while at < len(plain):
        length = _run_at(plain, at)
        covered += length if length >= 4 else 0
        at += max(1, length if length >= 4 else 1)
    return len(plain) > 0 and covered * 10 >= len(plain) * 9


def _run_at(plain: str, at: int) -> int:
    longest = 1
    for row in _ROWS:
        length = 1
        while at + length < len(plain) and plain[at : at + length + 1] in row:
            length += 1
        longest = max(longest, length)
    return longest


_ROWS = tuple(row * 2 for row in RUNS) + tuple(row[::-1] * 2 for row in RUNS)


def _rest_without(plain: str, known: Iterable[str]) -> int:
    """How many signs are left when every known word (and its parts) and all digits are taken away."""
    words = {squeeze(part) for text in known for part in [text, text.partition("@")[0], *re.split(r"[\W_]+", text)]}
    rest = plain
    for word in sorted((word for word in words if len(word) >= 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) if rest == plain else len(_undigited(rest))


@lru_cache(maxsize=1)
def blocked() -> frozenset[str]:
    """The list, read once, when the first new password is looked at."""
    packed = files("swapmeet").joinpath("data/blocked_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))
