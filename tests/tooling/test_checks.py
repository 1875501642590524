"""What `make check` adds to linters and contracts finds what it should, and nothing else."""

from pathlib import Path

import pytest

from tools.check_sizes import too_large
from tools.check_writes import faults_of

ROOT = Path(__file__).resolve().parents[2]

WRITES = [
    (
        "orders/services/checkout.py",
        "def pay(db_session):\n    db_session.commit()\n",
        ["only infra/uow.py may commit"],
    ),
    ("web/views.py", "db.session.rollback()\n", ["only infra/uow.py may rollback"]),
    ("infra/uow.py", "db_session.commit()\nwith transaction():\n    pass\n", []),
    ("orders/services/checkout.py", "with transaction() as s:\n    pass\n", ["transaction() is opened only in"]),
    ("orders/views/carts.py", "with transaction() as s:\n    pass\n", []),
    ("accounts/sign_in_views.py", "with transaction() as s:\n    pass\n", []),
    ("vendor_tables/manage_plan.py", "with transaction() as s:\n    pass\n", []),
    ("cli/demo.py", "with transaction() as s:\n    pass\n", []),
    ("trades/services/offers.py", "from swapmeet.infra.clock import utcnow\n", ["utcnow is read here"]),
    ("trades/queries.py", "from flask import request, g\n", ["g is read here", "request is read here"]),
    ("trades/models.py", "at = datetime.now(UTC)\n", ["now() reads the clock"]),
    ("trades/views.py", "from flask import request\nfrom swapmeet.infra.clock import utcnow\n", []),
]


@pytest.mark.parametrize(
    ("name", "code", "expected"), WRITES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_writes_and_hidden_inputs_are_found(name: str, code: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(code)
    found = [sentence for _, sentence in faults_of(path, tmp_path)]
    assert len(found) == len(expected)
    assert all(sentence.startswith(start) for sentence, start in zip(found, expected, strict=True)), found


def test_what_is_too_large_or_named_for_nothing_is_found(tmp_path: Path) -> None:
    for folder in ("swapmeet", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "swapmeet/utils.py").write_text("")
    (tmp_path / "swapmeet/long.py").write_text("def pay():\n" + "    pass\n" * 56 + "\n" * 450)
    (tmp_path / "templates/page.html").write_text("\n" * 151)
    assert list(too_large(tmp_path)) == [
        "swapmeet/long.py: 507 lines, at most 500",
        "swapmeet/long.py:1: pay has 57 lines, at most 55",
        "swapmeet/utils.py: a name that says nothing; name it for what it does",
        "templates/page.html: 151 lines, at most 150",
    ]
