"""Rules of addresses that are compiled when they are first used."""

from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError, Map

from swapmeet.web.rules import LazyRule


def test_a_rule_is_compiled_when_an_address_is_first_built(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[bool] = []
    real: Any = LazyRule.__mro__[1]._compile_builder  # type: ignore[attr-defined]

    def note(self: Any, append_unknown: bool = True) -> Any:
        compiled.append(append_unknown)
        return real(self, append_unknown)

    monkeypatch.setattr(LazyRule.__mro__[1], "_compile_builder", note)
    addresses = Map([LazyRule("/shows/<slug>", endpoint="show", defaults={"part": "about"})]).bind("localhost")
    assert compiled == []
    assert addresses.match("/shows/oak") == ("show", {"slug": "oak", "part": "about"}) and compiled == []
    for _ in range(2):
        assert addresses.build("show", {"slug": "oak fair", "page": 2}) == "/shows/oak%20fair?page=2"
    assert compiled == [True]
    with pytest.raises(BuildError):
        addresses.build("show", {})


def test_every_rule_of_the_application_is_lazy_and_builds(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 300 and all(isinstance(rule, LazyRule) for rule in rules)
    with app.test_request_context():
        assert url_for("events.show_event", slug="oak", when="past") == "/shows/oak?when=past"
        assert url_for("static", filename="a b.css").startswith("/static/a%20b.css")
