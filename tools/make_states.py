"""Writes docs/states.md: every state machine of the code as a picture. Run: python tools/make_states.py"""

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import swapmeet  # noqa: E402
from swapmeet.kernel.transitions import Machine  # noqa: E402

HEAD = """# States

Each machine is a table in the code, beside the models of its feature. An illegal step is impossible through page, API, job or
command; each step writes who, when, from, to and why into the audit log. This page is generated from the tables.
"""


def machines() -> list[tuple[str, Machine[Any]]]:
    """(feature, machine) by feature and name, each machine once."""
    found = {}
    for module in pkgutil.walk_packages(swapmeet.__path__, "swapmeet."):
        if ".migrations" in module.name or module.name.endswith(("__main__", ".wsgi", "gunicorn_conf")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Machine):
                feature = value.states.__module__.split(".")[1]
                found[(feature, value.name)] = value
    return [(feature, found[feature, name]) for feature, name in sorted(found)]


def page() -> str:
    parts = [HEAD]
    for feature, machine in machines():
        ends = ", ".join(str(state) for state in machine.states if state in machine.final_states()) or "none"
        parts.append(
            f"\n## {machine.name.capitalize()} (`{feature}`)\n\n```mermaid\n{machine.mermaid()}\n```\n\nEnds: {ends}.\n"
        )
    return "".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "states.md").write_text(page(), encoding="utf-8")
