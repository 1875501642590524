"""Pages of long lists by number: the first, the ten-thousandth row and the empty list all answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from swapmeet.kernel.numbers import whole

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows `first`..`last` (1-based) of `total`, and where the neighbors are."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return 0 if self.total == 0 else (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    def url(self, number: int) -> str:
        """The address of another page with the same filters."""
        arguments = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
        return url_for(str(request.endpoint), **arguments)

    @property
    def previous_url(self) -> str | None:
        return self.url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        return self.url(self.number + 1) if self.number < self.pages else None


def page_number() -> int:
    """The asked page, 1 for anything that is no positive number."""
    return min(whole(request.args.get("page"), 7) or 1, 1_000_000)


def page_of(rows: Sequence[Any], *, number: int, size: int = PAGE_SIZE) -> Page:
    """One page of a list that is computed and therefore there as a whole. Past the end shows the last page."""
    number = min(number, max(1, -(-len(rows) // size)))
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows))


def paginate(
    db_session: Session, statement: Select[Any], *, number: int, size: int = PAGE_SIZE, scalars: bool = True
) -> Page:
    """One page of an ordered statement: one query for the rows, one for the total. Past the end shows the last page."""
    total = db_session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // size)))
    result = db_session.execute(statement.limit(size).offset((number - 1) * size))
    return Page(result.scalars().all() if scalars else result.all(), number, size, total)
