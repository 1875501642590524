"""One door for writes, and no hidden inputs: what the import contracts cannot say. Prints `path:line: what is wrong`.

- Only infra/uow.py commits or rolls back.
- Only views, organizer pages, APIs, commands and jobs open `transaction()`.
- Services, queries, models and mails read neither the clock nor the request nor the current user: they are given them.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENDS = {"commit", "rollback"}
DOOR = "infra/uow.py"
# Modules that end a transaction by themselves, each with its reason.
MAY_END = {
    DOOR: "the door",
    "migrations/env.py": "the schema's own transactions",
    "infra/backup.py": "copies a database that is not the app's",
}
OPENERS = {"views", "manage", "api", "cli", "jobs"}
# Modules that open it for views, each with its reason.
MAY_OPEN = {DOOR: "the door", "orders/attempts.py": "tries a view's write again under its idempotency key"}
GIVEN = {"services", "queries", "models", "mail", "ledger", "scarcity", "errors"}
HIDDEN = {
    "swapmeet.infra.clock": {"utcnow"},
    "flask": {"request", "g", "session"},
    "flask_login": {"current_user"},
    "flask_security": {"current_user"},
}


def faults_of(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """(line, sentence) for each fault of one module."""
    name = path.relative_to(package).as_posix()
    roles = _roles(path.relative_to(package))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call_faults(node, name, roles)
        elif isinstance(node, ast.ImportFrom) and roles & GIVEN:
            taken = {alias.name for alias in node.names} & HIDDEN.get(node.module or "", set())
            yield from ((node.lineno, f"{word} is read here; it must be passed in") for word in sorted(taken))


def _roles(path: Path) -> set[str]:
    """The words that say what a module is: orders/views/carts.py, accounts/sign_in_views.py are views. The shell has none."""
    if path.parts[0] == "web":
        return {"web"}
    words = [(part, part.partition("_")[0], part.rpartition("_")[2]) for part in path.with_suffix("").parts]
    return {word for group in words for word in group}


def _call_faults(node: ast.Call, name: str, roles: set[str]) -> Iterator[tuple[int, str]]:
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in ENDS and name not in MAY_END:
        yield node.lineno, f"only {DOOR} may {called.attr}"
    if isinstance(called, ast.Name) and called.id == "transaction" and name not in MAY_OPEN and not roles & OPENERS:
        yield node.lineno, "transaction() is opened only in " + ", ".join(sorted(OPENERS))
    if isinstance(called, ast.Attribute) and called.attr in ("now", "today", "utcnow") and roles & GIVEN:
        yield node.lineno, f"{called.attr}() reads the clock; the moment must be passed in"


def main() -> int:
    package = ROOT / "swapmeet"
    found = [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in sorted(package.rglob("*.py"))
        for line, sentence in faults_of(path, package)
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
