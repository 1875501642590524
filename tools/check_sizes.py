"""Sizes of the house style: functions to 55 lines, modules to 500, templates to 150, JavaScript modules to 250."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION = 55
# (folder, pattern, most lines)
FILES = (
    ("swapmeet", "*.py", 500),
    ("tests", "*.py", 500),
    ("tools", "*.py", 500),
    ("benchmarks", "*.py", 500),
    ("templates", "*.html", 150),
    ("templates", "*.txt", 150),
    ("static/js", "*.js", 250),
)
NOT_OURS = ("swapmeet/templates", "swapmeet/static", "swapmeet/migrations/versions")
NO_GROWING = ("utils.py", "helpers.py", "util.py", "helper.py", "misc.py")


def too_large(root: Path = ROOT) -> Iterator[str]:
    """A sentence for each file or function over its size, and for file names that say nothing."""
    for folder, pattern, most in FILES:
        for path in sorted((root / folder).rglob(pattern)):
            name = path.relative_to(root).as_posix()
            if name.startswith(NOT_OURS):
                continue
            text = path.read_text(encoding="utf-8")
            if (lines := len(text.splitlines())) > most:
                yield f"{name}: {lines} lines, at most {most}"
            if path.name in NO_GROWING:
                yield f"{name}: a name that says nothing; name it for what it does"
            if path.suffix == ".py":
                yield from _long_functions(name, text)


def _long_functions(name: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION}"


def main() -> int:
    found = list(too_large())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
