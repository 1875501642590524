"""Column types: instants that are always UTC, enums stored as short text, JSON that is JSONB on PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

E = TypeVar("E", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive datetimes are refused on the way in; what comes out carries UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no instant")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(states: type[E]) -> Enum:
    """An enum stored as its value in VARCHAR(32) with a CHECK, on every database."""
    return Enum(
        states,
        native_enum=False,
        length=32,
        create_constraint=True,
        name=states.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# SQLite gives an alias of the row id only to INTEGER, PostgreSQL should have 64 bits.
BigId = BigInteger().with_variant(Integer, "sqlite")

pk = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
minor = Annotated[int, mapped_column(BigInteger)]
instant = Annotated[datetime, mapped_column(UtcDateTime)]
optional_instant = Annotated[datetime | None, mapped_column(UtcDateTime)]
code = Annotated[str, mapped_column(String(64))]
name = Annotated[str, mapped_column(String(200))]
prose = Annotated[str, mapped_column(Text)]
