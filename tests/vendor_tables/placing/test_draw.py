"""A sealed draw: anybody can check the published list, and every lie in it is found."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from swapmeet.cli import main
from swapmeet.vendor_tables.placing import drawing

SEED = "5f" * 32
ENTRIES = [("Ann", 20), ("Bob", 80), ("Cat", 20), ("Dan", 0)]


@pytest.fixture
def document():
    return drawing.published("Tables 2027", ENTRIES, SEED)


def test_a_published_list_is_right_and_orders_by_points_then_lot(document):
    assert drawing.faults_in(document, commitment=drawing.commitment_of(SEED)) == []
    assert document["order"][0] == "Bob" and document["order"][3] == "Dan"
    first, second = document["order"][1:3]
    assert drawing.lot(SEED, first) < drawing.lot(SEED, second)


def test_every_lie_is_found(document):
    def said(**changes):
        return " ".join(drawing.faults_in({**document, **changes}, commitment=document["commitment"]))

    other = drawing.published("Tables 2027", ENTRIES, "aa" * 32)
    assert "not the one that was sealed" in said(seed="00" * 32)
    assert "you noted before the draw" in " ".join(drawing.faults_in(other, commitment=document["commitment"]))
    assert "hash differs" in said(entries=[*document["entries"], {"name": "Eve", "points": 99}])
    order = document["order"]
    assert "belongs to" in said(order=[order[0], order[2], order[1], order[3]])
    assert "each entry once" in said(order=order[:3])
    assert "twice" in said(entries=[*document["entries"], document["entries"][0]])
    assert "cannot be read" in said(entries=[{"name": 1, "points": 2}])
    assert "not a published draw" in said(format="x")


def test_the_command_says_what_is_right_and_what_is_wrong(document, tmp_path):
    file = tmp_path / "list.json"
    file.write_text(json.dumps(document))
    done = CliRunner().invoke(main, ["verify-draw", str(file), "--commitment", document["commitment"]])
    assert done.exit_code == 0 and "4 entries" in done.output
    assert CliRunner().invoke(main, ["verify-draw", str(file), "--commitment", "0" * 64]).exit_code == 1
    assert CliRunner().invoke(main, ["verify-draw", str(file), "--entries-hash", "0" * 64]).exit_code == 1
    file.write_text("{")
    assert "is not JSON" in CliRunner().invoke(main, ["verify-draw", str(file)]).output


def test_python_alone_checks_it_too(document, tmp_path):
    file = tmp_path / "list.json"
    file.write_text(json.dumps(document))
    program = Path(drawing.__file__)
    done = subprocess.run([sys.executable, "-I", "-S", str(program), str(file)], capture_output=True, text=True)
    assert done.returncode == 0 and "right" in done.stdout
    file.write_text(json.dumps({**document, "seed": "1"}))
    assert subprocess.run([sys.executable, "-I", "-S", str(program), str(file)], capture_output=True).returncode == 1
