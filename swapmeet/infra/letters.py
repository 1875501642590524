"""Which letters a font has: reads the character maps of TrueType and OpenType files and of collections, and nothing else.

So a document can be told from the start to have a glyph for every letter, and the big fonts are loaded only where they are needed.
Format: OpenType specification, tables "cmap" (subtable formats 4 and 12) and "ttcf".
"""

import struct
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
UNICODE = ((0, 3), (0, 4), (3, 1), (3, 10))  # platform and encoding of the maps to look into
UNKNOWN = "?"  # printed for a letter that no font has


def font_files(folder: Path) -> list[Path]:
    """The fonts of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def letters_without(letters: Iterable[str], files: Iterable[Path]) -> set[str]:
    """Those of `letters` that none of the fonts has. A file that is no font has none."""
    left = set(letters)
    for path in files:
        if not left:
            break
        left -= _letters_of(path, left)
    return left


def needs_no_glyph(letter: str) -> bool:
    """Joiners, direction marks and variation selectors shape their neighbors and draw nothing themselves."""
    return unicodedata.category(letter) in ("Cf", "Cc") or 0xFE00 <= ord(letter) <= 0xFE0F or ord(letter) >= 0xE0000


def _letters_of(path: Path, wanted: set[str]) -> set[str]:
    try:
        content = memoryview(path.read_bytes())
        maps = _maps(content)
        return {letter for letter in wanted if any(_has_glyph(content, at, ord(letter)) for at in maps)}
    except (OSError, struct.error, IndexError):
        return set()


def _maps(content: memoryview) -> list[int]:
    """Where the Unicode character maps of the (first) font of the file begin."""
    start = struct.unpack_from(">L", content, 12)[0] if bytes(content[:4]) == b"ttcf" else 0
    (count,) = struct.unpack_from(">H", content, start + 4)
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", content, start + 12 + 16 * number)
        if tag == b"cmap":
            (maps,) = struct.unpack_from(">H", content, offset + 2)
            rows = [struct.unpack_from(">HHL", content, offset + 4 + 8 * each) for each in range(maps)]
            return [offset + at for platform, kind, at in rows if (platform, kind) in UNICODE]
    return []


def _has_glyph(content: memoryview, at: int, letter: int) -> bool:
    (kind,) = struct.unpack_from(">H", content, at)
    if kind == 12:
        return _in_groups(content, at, letter)
    return kind == 4 and letter < 0xFFFF and _in_segments(content, at, letter)


def _in_groups(content: memoryview, at: int, letter: int) -> bool:
    """Format 12: groups of (first, last, glyph of the first), in ascending order."""
    (count,) = struct.unpack_from(">L", content, at + 12)
    number = bisect_left(range(count), letter, key=lambda each: _long(content, at + 20 + 12 * each))
    if number == count:
        return False
    first, _, glyph = struct.unpack_from(">LLL", content, at + 16 + 12 * number)
    return bool(first <= letter and glyph + letter - first)


def _in_segments(content: memoryview, at: int, letter: int) -> bool:
    """Format 4: four columns of segments (last, first, delta, offset), in ascending order."""
    doubled = _short(content, at + 6)
    lasts = at + 14
    number = bisect_left(range(doubled // 2), letter, key=lambda each: _short(content, lasts + 2 * each))
    last_at = lasts + 2 * number
    first, delta, offset = (_short(content, last_at + 2 + doubled * column) for column in (1, 2, 3))
    if letter < first:
        return False
    if not offset:
        return bool((letter + delta) & 0xFFFF)
    return bool(_short(content, last_at + 2 + doubled * 3 + offset + 2 * (letter - first)))


def _short(content: memoryview, at: int) -> int:
    return int(struct.unpack_from(">H", content, at)[0])


def _long(content: memoryview, at: int) -> int:
    return int(struct.unpack_from(">L", content, at)[0])
