"""The editor's script lays blocks as the program does: both are held to the cases of tests/js/floor-cases.json.

Write them anew with `python -m tests.vendor_tables.layout.test_editor_cases`.
"""

import json
from pathlib import Path
from typing import Any

from swapmeet.vendor_tables.layout.blocks import expand, labels_of
from swapmeet.vendor_tables.layout.document import Block

CASES = Path(__file__).parents[2] / "js" / "floor-cases.json"
BLOCKS: list[dict[str, Any]] = [
    {"kind": "row", "n": 5},
    {"kind": "row", "n": 4, "side": "N", "gap_mm": 150, "rot_ddeg": 900, "numbering": {"prefix": "B", "start": 12, "skip": [13]}},
    {"kind": "row", "n": 3, "rot_ddeg": 137},
    {"kind": "island", "n": 4, "numbering": {"prefix": "C", "order": "snake"}},
    {"kind": "island", "n": 6, "m": 1, "gap_back_mm": 300, "rot_ddeg": 2700, "numbering": {"order": "odd_even", "start": 301, "digits": 3}},
    {"kind": "u", "n": 5, "m": 3, "faces": "out"},
    {"kind": "u", "n": 5, "m": 2, "rot_ddeg": 1800, "numbering": {"prefix": "U-", "step": 10, "digits": 3}},
    {"kind": "perimeter", "n": 4, "m": 2, "frame_w_mm": 12_001, "frame_d_mm": 9000},
    {"kind": "perimeter", "n": 3, "m": 2, "frame_w_mm": 9000, "frame_d_mm": 8001, "faces": "out", "rot_ddeg": 450},
]  # fmt: skip


def work_out() -> list[dict[str, Any]]:
    found = []
    for values in BLOCKS:
        base = {"uid": "b", "x_mm": 1003, "y_mm": 2001, "w_mm": 1829, "d_mm": 762}
        block = Block.model_validate_json(json.dumps({**base, **values}))
        slots = expand(block)
        labels = labels_of(block.numbering, [(slot.side, slot.seq) for slot in slots])
        rows = [
            [s.side, s.seq, s.x_mm, s.y_mm, s.w_mm, s.d_mm, s.rot_ddeg, s.facing, labels[s.side, s.seq]] for s in slots
        ]
        found.append({"block": block.model_dump(mode="json"), "slots": rows})
    return found


def test_the_cases_of_the_script_are_those_of_the_program() -> None:
    assert json.loads(CASES.read_text(encoding="utf-8")) == work_out()


if __name__ == "__main__":
    CASES.write_text("[\n" + ",\n".join(json.dumps(case) for case in work_out()) + "\n]\n", encoding="utf-8")
