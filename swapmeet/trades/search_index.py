"""The full-text index of listings: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL. Fed by the code that writes listings.

Both hold the same folded words, made here and not by the database, so both find the same things.
"""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import DDL, ColumnElement, FromClause, column, event, table, text
from sqlalchemy.orm import Session

from swapmeet.infra.search import WORD, fold, fts5_query, tsquery, words_of
from swapmeet.trades import vocab
from swapmeet.trades.models import Listing

MAX_WORD = 64  # characters; longer "words" are cut, on both sides, since a database limits their length

# For migrations: the statements that build and remove the index, by database.
CREATE: dict[str, list[str]] = {
    "sqlite": [
        "CREATE VIRTUAL TABLE IF NOT EXISTS listing_fts USING fts5("
        "document, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3 4')"
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


def _install(of: Any) -> None:
    for dialect, statements in CREATE.items():
        for statement in statements:
            event.listen(of, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    for dialect, statements in DROP.items():
        for statement in statements:
            event.listen(of, "before_drop", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


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


@dataclass(frozen=True)
class Source:
    """Where the listings of a search come from, the condition on it, and their order, newest first.

    The index is the outer table and gives its rows in order, so that reading stops at the first page.
    """

    table: FromClause
    where: tuple[ColumnElement[bool], ...]
    newest_first: ColumnElement[Any]


def source_of(db_session: Session, query: str) -> Source:
    """All listings for a query without words, else those that have every word, the last one also as a beginning."""
    words = [word[:MAX_WORD] for word in words_of(query)]
    if not words:
        return Source(Listing.__table__, (), Listing.id.desc())
    if db_session.get_bind().dialect.name == "sqlite":
        index = table("listing_fts", column("rowid"))
        found = text("listing_fts MATCH :fts_words").bindparams(fts_words=fts5_query(words))
        joined = index.join(Listing.__table__, Listing.id == index.c.rowid)
        return Source(joined, (cast("ColumnElement[bool]", found),), index.c.rowid.desc())
    index = table("listing_fts", column("listing_id"))
    found = text("listing_fts.document @@ CAST(:fts_words AS tsquery)").bindparams(fts_words=tsquery(words))
    joined = index.join(Listing.__table__, Listing.id == index.c.listing_id)
    return Source(joined, (cast("ColumnElement[bool]", found),), Listing.id.desc())
