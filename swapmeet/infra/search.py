"""Full-text search behind one function: FTS5 on SQLite, tsvector('simple') on PostgreSQL. Words match by prefix."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+", re.UNICODE)
MAX_WORDS = 8


def words_of(query: str) -> list[str]:
    """The words of a query, folded to lower case without accents, at most eight; symbols and operators are dropped."""
    folded = unicodedata.normalize("NFKD", query[:400]).casefold()
    plain = "".join(ch for ch in folded if not unicodedata.combining(ch))
    return WORD.findall(plain)[:MAX_WORDS]


def fold(text: str) -> str:
    """Text as it is indexed: the same folding as the query."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(ch for ch in folded if not unicodedata.combining(ch))


def fts5_query(words: list[str]) -> str:
    """An FTS5 MATCH expression: every word, the last one also as a prefix. Words are quoted, so nothing is an operator."""
    return " ".join(f'"{word}"' + ("*" if _is_prefix(words, index) else "") for index, word in enumerate(words))


def tsquery(words: list[str]) -> str:
    """A to_tsquery('simple', …) expression: every word, the last one also as a prefix."""
    return " & ".join(f"'{word}'" + (":*" if _is_prefix(words, index) else "") for index, word in enumerate(words))


def _is_prefix(words: list[str], index: int) -> bool:
    """The last word may be half typed. One letter alone is taken as it is: it would find nearly everything ("N", "O")."""
    return index == len(words) - 1 and len(words[index]) > 1
