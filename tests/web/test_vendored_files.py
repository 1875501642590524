"""The copies under static/vendor are the files the manifest names, byte for byte."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"


def test_vendored_files_match_their_hashes() -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "vendor_assets.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == ""
    assert result.returncode == 0


def test_every_file_a_style_sheet_asks_for_is_there() -> None:
    for sheet in CSS.rglob("*.css"):
        for target in re.findall(r"url\(([^)\"']+)\)", sheet.read_text()):
            if not target.startswith("#"):
                assert (sheet.parent / target).resolve().is_file(), f"{sheet.name} asks for {target}"


def test_colors_are_literals_only_in_the_tokens() -> None:
    allowed = {"tokens.css", "print.css"}
    for sheet in CSS.rglob("*.css"):
        if sheet.name not in allowed:
            text = re.sub(r'url\("data:[^"]*"\)', "", sheet.read_text())
            assert re.findall(r"#[0-9a-f]{3,8}\b(?=[\s;,)])", text) == [], sheet.name
