"""The full-text index of listings: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL. Fed by the code that writes listings.

Both hold the same folded words, made here and not by the database, so both find the same things.
"""

from typing import Any

from sqlalchemy import DDL, ColumnElement, Select, bindparam, event, literal_column, select, text
from sqlalchemy.orm import Session

from swapmeet.infra.search import WORD, fold, fts5_query, tsquery, words_of
from swapmeet.trades import vocab
from swapmeet.trades.models import Listing

MAX_WORD = 64  # characters; longer "words" are cut, on both sides, since a database limits their length

# For migrations: the statements that build and remove the index, by database.
CREATE: dict[str, list[str]] = {
    "sqlite": [
        "CREATE VIRTUAL TABLE IF NOT EXISTS listing_fts USING fts5(document, tokenize = 'unicode61 remove_diacritics 0')"
    ],
    "postgresql": [
        "CREATE TABLE IF NOT EXISTS listing_fts ("
        "listing_id BIGINT PRIMARY KEY REFERENCES listing (id) ON DELETE CASCADE, document TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_listing_fts_document ON listing_fts USING gin (document)",
    ],
}
DROP: dict[str, list[str]] = {
    "sqlite": ["DROP TABLE IF EXISTS listing_fts"],
    "postgresql": ["DROP TABLE IF EXISTS listing_fts"],
}


def _install(table: Any) -> None:
    for dialect, statements in CREATE.items():
        for statement in statements:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    for dialect, statements in DROP.items():
        for statement in statements:
            event.listen(table, "before_drop", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


_install(Listing.__table__)


def index_listing(db_session: Session, listing: Listing) -> None:
    """Write the listing's words anew. Call it after every change of what a listing says, in the same transaction."""
    drop_from_index(db_session, listing.id)
    words = document_words(listing)
    if db_session.get_bind().dialect.name == "sqlite":
        statement = text("INSERT INTO listing_fts (rowid, document) VALUES (:id, :words)")
        db_session.execute(statement, {"id": listing.id, "words": " ".join(words)})
        return
    statement = text(
        "INSERT INTO listing_fts (listing_id, document) VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
    )
    db_session.execute(statement, {"id": listing.id, "words": sorted(set(words))})


def drop_from_index(db_session: Session, listing_id: int) -> None:
    """Forget a listing's words: erased people's things must not be found by what they said."""
    column = "rowid" if db_session.get_bind().dialect.name == "sqlite" else "listing_id"
    db_session.execute(text(f"DELETE FROM listing_fts WHERE {column} = :id"), {"id": listing_id})


def document_words(listing: Listing) -> list[str]:
    """Title, wishes, text, and every way to say its scale and category; folded like the query."""
    said = f"{listing.title} {listing.wants} {listing.description}"
    found = WORD.findall(fold(f"{said} {vocab.search_words(listing.scale, listing.category)}"))
    return [word[:MAX_WORD] for word in found]


def matches(db_session: Session, query: str) -> ColumnElement[bool] | None:
    """The condition on Listing for a search, or None when the query has no words (then everything matches)."""
    words = [word[:MAX_WORD] for word in words_of(query)]
    if not words:
        return None
    if db_session.get_bind().dialect.name == "sqlite":
        rows: Select[Any] = select(literal_column("rowid")).select_from(text("listing_fts"))
        found = rows.where(text("listing_fts MATCH :fts_words").bindparams(bindparam("fts_words", fts5_query(words))))
    else:
        rows = select(literal_column("listing_id")).select_from(text("listing_fts"))
        found = rows.where(
            text("document @@ CAST(:fts_words AS tsquery)").bindparams(bindparam("fts_words", tsquery(words)))
        )
    return Listing.id.in_(found)
