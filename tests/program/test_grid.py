"""The day as a table: every row has as many cells as there are lanes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from swapmeet.program.grid import Block, day_grid

DAY = datetime(2027, 5, 15, 8, tzinfo=UTC)


def test_an_empty_day_has_no_rows() -> None:
    assert day_grid([], ["A"]).rows == []


def test_overlapping_sessions_get_lanes_of_their_own() -> None:
    grid = day_grid(
        [
            Block("x", "A", DAY, DAY + timedelta(hours=2)),
            Block("y", "A", DAY + timedelta(hours=1), DAY + timedelta(hours=3)),
        ],
        ["A", "B"],
    )
    assert grid.columns == [("A", 2)]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=12))
def test_cells_cover_the_table_exactly(spans) -> None:
    blocks = [
        Block(i, col, DAY + timedelta(minutes=15 * a), DAY + timedelta(minutes=15 * (a + n)))
        for i, (col, a, n) in enumerate(spans)
    ]
    grid = day_grid(blocks, ["A", "B"])
    lanes = sum(count for _, count in grid.columns)
    assert sum(cell.rows for _, cells in grid.rows for cell in cells) == lanes * len(grid.rows)
    assert sorted(cell.item for _, cells in grid.rows for cell in cells if cell.item is not None) == list(
        range(len(spans))
    )
