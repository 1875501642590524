"""Rules of addresses that start fast: what builds an address is compiled when the first one is built, not at the start."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """werkzeug compiles two functions for each rule, a millisecond each: with some four hundred rules most of what a start takes.

    A command uses none of them, a page a few. `_compile_builder` is not public: a test says when it no longer is asked.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        make, kept = super()._compile_builder, list[Builder]()

        def build(*args: Any, **values: Any) -> tuple[str, str]:
            if not kept:
                kept.append(make(append_unknown))
            return kept[0](*args, **values)

        return build
