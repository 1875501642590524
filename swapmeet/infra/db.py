"""The database: engine set-up, the declarative base, naming of constraints, and the two hooks that make SQLite safe."""

import select
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import psycopg
from flask import has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, ForeignKeyConstraint, MetaData, Pool, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")

WRITES_KEY = "swapmeet_writes"  # on connections that the unit of work has opened
FOREIGN_VIEWS = "security"  # the blueprint of the account library, whose views commit by themselves
READS_KEY = "swapmeet_reads"
USED_KEY = "swapmeet_used"
TRIED_AFTER_S = 5


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base):
        """What every table's class derives from."""

        __abstract__ = True
else:
    Model = db.Model


def copied(row: Any, **changes: Any) -> Any:
    """A new row with the same column values but for its id and the changes."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}
    return type(row)(**{**values, **changes})


def same_event(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that also compares the event, so that no child can cross events. `target` needs unique (event_id, id)."""
    return ForeignKeyConstraint(["event_id", column], [f"{target}.event_id", f"{target}.id"], ondelete=ondelete)


class PlainCursor(psycopg.Cursor[Any]):
    """psycopg's cursor with plain (name, type) pairs for its columns, which is all that SQLAlchemy reads of them.

    The driver makes an object for each column of each answer, and most answers have dozens.
    """

    @property
    def description(self) -> Any:
        answer = self.pgresult
        if not answer or answer.status not in (ExecStatus.TUPLES_OK, ExecStatus.SINGLE_TUPLE):
            return None
        names = (answer.fname(number) or b"" for number in range(answer.nfields))
        return [(name.decode(), answer.ftype(number)) for number, name in enumerate(names)]


def engine_options(url: str, threads: int) -> dict[str, Any]:
    """Pool sizes: a connection for each thread of a worker, since SQLAlchemy's file pool is 5 + 10 otherwise."""
    # What is bound to statements stays out of errors, and so out of logs: it has names, addresses and secrets.
    hidden = {"hide_parameters": True}
    options: dict[str, Any] = {"pool_size": threads + 2, "max_overflow": 4, "pool_timeout": 10, **hidden}
    options["pool_use_lifo"] = True  # the connection used last has its statements prepared
    if url.startswith("postgresql"):
        options |= {
            "connect_args": {
                "options": "-c lock_timeout=3000 -c statement_timeout=30000 -c timezone=UTC",
                "connect_timeout": 5,
                "cursor_factory": PlainCursor,
                "prepare_threshold": 2,  # planning a page's statements takes the server longer than running them
            },
        }
    return options


@event.listens_for(Engine, "connect")
def _set_pragmas(dbapi_connection: Any, _record: Any) -> None:
    if type(dbapi_connection).__module__.startswith("sqlite3"):
        dbapi_connection.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN
        for pragma in SQLITE_PRAGMAS:
            dbapi_connection.execute("PRAGMA " + pragma)


@event.listens_for(Engine, "connect")
def _keep_more_plans(dbapi_connection: Any, _record: Any) -> None:
    if type(dbapi_connection).__module__.startswith("psycopg"):
        dbapi_connection.prepared_max = 400


# Writers of one process wait for each other here, by database. SQLite itself only looks again every so often, so that
# of many waiting threads one may be passed over until its patience ends.
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
TURN_KEY = "swapmeet_turn"
TURN_S = 10


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """A writer takes the write lock at BEGIN, so it waits there instead of failing later; a reader never waits."""
    if connection.dialect.name != "sqlite":
        _begin_on_server(connection)
    elif not _is_writer(connection):
        connection.exec_driver_sql("BEGIN")
    else:
        turn = _turns[str(connection.engine.url)]
        has_turn = TURN_KEY in connection.info  # migrations begin again and again on one connection
        if not has_turn and turn.acquire(timeout=TURN_S):
            connection.info[TURN_KEY] = turn  # given on when the connection goes back to the pool
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_on_server(connection: Connection) -> None:
    """PostgreSQL: what a request only reads needs no BEGIN and no ROLLBACK around it.

    Each statement sees its own snapshot either way (READ COMMITTED), and at a ROLLBACK the driver forgets every prepared
    statement, so that the server would plan each of them anew: most of its time.
    """
    marks = connection.get_execution_options()
    if has_request_context() and request.blueprint != FOREIGN_VIEWS and not marks.get(WRITES_KEY):
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        connection.info[READS_KEY] = True


@event.listens_for(Pool, "checkin")
def _give_back(dbapi_connection: Any, record: Any) -> None:
    record.info[USED_KEY] = time.monotonic()
    turn = record.info.pop(TURN_KEY, None)
    if turn is not None:
        turn.release()
    if record.info.pop(READS_KEY, False) and dbapi_connection is not None:
        dbapi_connection.autocommit = False


@event.listens_for(Pool, "checkout")
def _see_whether_it_lives(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
    """A server's connection is tried first when it rested for long, or when something has come over it meanwhile.

    That is what a server says and does when it stops: its last message and the end of the stream wait to be read. To
    look for them asks nothing of the server. The pool drops what no longer lives, and opens new connections.
    """
    rested_since = record.info.get(USED_KEY)
    if rested_since is None or not type(dbapi_connection).__module__.startswith("psycopg"):
        return
    if time.monotonic() - rested_since < TRIED_AFTER_S and not _has_news(dbapi_connection):
        return
    try:
        dbapi_connection.autocommit = True
        dbapi_connection.execute("SELECT 1")
        dbapi_connection.autocommit = False
    except dbapi_connection.OperationalError as error:
        raise InvalidatePoolError() from error


def _has_news(dbapi_connection: Any) -> bool:
    if dbapi_connection.closed:
        return True
    poll = select.poll()
    poll.register(dbapi_connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _is_writer(connection: Connection) -> bool:
    """Writers are: whatever the unit of work opens, and the views of the account library, which commit by themselves."""
    if connection.get_execution_options().get(WRITES_KEY):
        return True
    return has_request_context() and request.blueprint == FOREIGN_VIEWS and request.method not in ("GET", "HEAD")
