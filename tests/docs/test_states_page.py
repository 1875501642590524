"""The page of state machines says what the code does."""

from pathlib import Path

from tools.make_states import ROOT, page


def test_the_states_page_is_current() -> None:
    assert (Path(ROOT) / "docs" / "states.md").read_text(encoding="utf-8") == page(), "run: python tools/make_states.py"
