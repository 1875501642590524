"""Reads the lines of a traders' list as the reference reader does, fault by fault, with the line's number in each message."""

import codecs
import re

from swapmeet.trades.matching.listing import (
    FLAGS,
    NUMBERS,
    POSITIVE,
    WORDS,
    BundleLine,
    Entry,
    FormatError,
    Listing,
    Message,
)

BEGIN, END = "!BEGIN-OFFICIAL-NAMES", "!END-OFFICIAL-NAMES"
MAX_BYTES = 64 << 20
_EDGE = "".join(map(chr, range(33))) + "\ufeff"  # what the reference trims: everything up to the blank
_BLANKS = re.compile(r"\s+", re.ASCII)  # what separates words there
_ODD = "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)  # only seem to
_NAME_END = re.compile(r"[:\s]", re.ASCII)
_HEADER = re.compile(r"(?:.*\)\s+)?[^(\s)]\S*", re.ASCII)
_BUNDLE = re.compile(r"#bundle\s*\(([^()]+)\)([^:#]+):\s*(?:(\d{1,4})\s+of\s)?([^:#]*)", re.ASCII | re.IGNORECASE)
_AMOUNT = re.compile(r"\$?\s*(\d+(?:\.\d+)?)", re.ASCII)


def read_lines(data: bytes | str) -> Listing:
    """The lists in a file. Bytes are UTF-8 or UTF-16 with its mark, or line by line Latin-1. Raises FormatError where the reference
    stops."""
    if len(data) > MAX_BYTES:
        raise FormatError(1, f"The file is larger than {MAX_BYTES >> 20} MB.")
    lines, is_odd = _lines_of(data)
    reader = _Reader(is_odd=is_odd)
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(_EDGE)
        if line:
            reader.read(number, line)
    if reader.in_names:
        raise FormatError(number, f"{BEGIN} without {END}.")
    return reader.listing


def _lines_of(data: bytes | str) -> tuple[list[str], bool]:
    """The lines, and whether there may be anything among them that only looks like a blank."""
    try:
        text = data if isinstance(data, str) else _decode(data)
    except UnicodeDecodeError:
        lines = re.split(rb"\r\n|\n|\r", b"" if isinstance(data, str) else data)
        return list(map(_decode_line, lines)), True
    return (text.split("\n") if "\r" not in text else re.split(r"\r\n|\n|\r", text)), any(map(text.__contains__, _ODD))


def _decode(data: bytes) -> str:
    return data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8")


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


class _Reader:
    """The state between lines: options, then official names, then lists."""

    def __init__(self, *, is_odd: bool) -> None:
        self.listing = Listing()
        self.is_odd = is_odd
        self.in_names = False
        self.fold = True

    def read(self, number: int, line: str) -> None:
        if line.startswith("#"):
            if line.startswith("#!"):
                self._read_options(number, line[2:])
            elif found := _BUNDLE.fullmatch(line):
                self._read_bundle(number, found)
        elif line[0] == "!" and line.upper() in (BEGIN, END):
            self._switch_names(number, line.upper())
        elif self.in_names:
            self._read_official(number, line)
        else:
            self._read_list(number, line)

    def _read_options(self, number: int, text: str) -> None:
        if self.listing.entries or self.listing.limits:
            raise FormatError(number, "Options (#!) cannot stand after the first want list.")
        if self.listing.official is not None:
            raise FormatError(number, "Options (#!) cannot stand after the official names.")
        for option in text.upper().split():
            name, sign, value = option.partition("=")
            if sign == "" and name in FLAGS:
                self.listing.options.pop(name, None)  # what is said again counts as said last
                self.listing.options[name] = ""
            elif sign and name in NUMBERS:
                self.listing.options[name] = str(_whole_number(number, name, value))
            elif sign and name in WORDS:
                self.listing.options[name] = value
            else:
                raise FormatError(number, f"Unknown option {option[:40]}.")
        self.fold = "CASE-SENSITIVE" not in self.listing.options

    def _switch_names(self, number: int, line: str) -> None:
        if line == END:
            if not self.in_names:
                raise FormatError(number, f"{END} without {BEGIN}.")
            self.in_names = False
        elif self.in_names or self.listing.official is not None:
            raise FormatError(number, f"{BEGIN} may stand only once.")
        elif self.listing.entries:
            raise FormatError(number, "Official names cannot stand after the first want list.")
        else:
            self.in_names = True
            self.listing.official = {}

    def _read_official(self, number: int, line: str) -> None:
        if line[0] in ":%":
            raise FormatError(number, f"An official name cannot begin with {line[0]}.")
        name = _NAME_END.split(line, maxsplit=1)[0]
        if "#" in name:
            raise FormatError(number, "# cannot be part of an item's name.")
        description = line[len(name) :].lstrip(" :\t").removeprefix("==>").strip()
        key = name.upper() if self.fold else name
        official = self.listing.official
        if official is None or key in official:
            raise FormatError(number, f"Official name {key[:40]} stands twice.")
        official[key] = description

    def _read_list(self, number: int, line: str) -> None:
        if self.is_odd or not self._read_usual_list(number, line):
            self._read_any_list(number, line)

    def _read_usual_list(self, number: int, line: str) -> bool:
        """`(user) item : wish wish` and nothing else on the line, at speed. False for any other line."""
        user, close, rest = line.partition(")")
        if not close or line[0] != "(" or line.count("(") > 1 or ")" in rest or ";" in line or "#" in line:
            return False
        head, colon, wishes = (rest.upper() if self.fold else rest).partition(":")
        names = head.split()
        user = user[1:].strip(_EDGE)
        if (
            not colon
            or len(names) != 1
            or not user
            or ":" in wishes
            or head.lstrip()[0] in _EDGE
            or names[0].upper() == "LIMIT"
        ):
            return False
        self.listing.entries.append(Entry(number, user.upper() if self.fold else user, names[0], wishes.split()))
        return True

    def _read_any_list(self, number: int, line: str) -> None:
        if "#" in line:
            raise FormatError(number, "A comment (#) can only stand at the beginning of a line.")
        user, rest = self._split_user(number, line)
        if ";" in rest:
            rest = _spread_semicolons(number, rest)
        if ":" in rest:
            if rest.count(":") > 1:
                raise FormatError(number, "More than one colon on a line.")
            if not _HEADER.fullmatch(rest[: rest.index(":")].strip(_EDGE)):
                raise FormatError(number, "Exactly one item must stand before the colon.")
            rest = rest.replace(":", " ", 1)
        elif "REQUIRE-COLONS" in self.listing.options:
            if not self.listing.is_australian:
                raise FormatError(number, "The colon is missing (REQUIRE-COLONS).")
            self.listing.messages.append(Message(number, "The colon is missing; the first word is taken for the item."))
        rest = rest.upper() if self.fold else rest
        name, *tokens = _BLANKS.split(rest.strip(_EDGE)) if self.is_odd else rest.split()
        user = user.upper() if self.fold else user
        if name.upper() == "LIMIT" and self._is_amount(tokens):
            self._read_limit(number, user, " ".join(tokens))
        else:
            self.listing.entries.append(Entry(number, user, name, tokens))

    def _is_amount(self, tokens: list[str]) -> bool:
        """True for what stands behind LIMIT; without its $ only where the file is in the cash dialect."""
        if self.listing.is_australian and _AMOUNT.fullmatch(" ".join(tokens)):
            return True
        return len(tokens) == 1 and tokens[0].startswith("$")

    def _read_bundle(self, number: int, found: re.Match[str]) -> None:
        """`#bundle (user) item item : 2 of wish wish`: our own line, which other readers take for a comment."""
        user, items, receives, wishes = (part or "" for part in found.groups())
        if self.fold:
            user, items, wishes = user.upper(), items.upper(), wishes.upper()
        tokens = wishes.replace(";", " ; ").split()
        self.listing.bundles.append(BundleLine(number, user.strip(_EDGE), items.split(), int(receives or 1), tokens))

    def _split_user(self, number: int, line: str) -> tuple[str, str]:
        if "(" not in line:
            if ")" in line:
                raise FormatError(number, "A ) without its (.")
            if "REQUIRE-USERNAMES" in self.listing.options:
                raise FormatError(number, "The user's name is missing (REQUIRE-USERNAMES).")
            return "", line
        if line[0] != "(":
            raise FormatError(number, "The user's name must stand at the front of the line.")
        if line.count("(") > 1:
            raise FormatError(number, "More than one ( on a line.")
        close = line.find(")")
        if close == -1:
            raise FormatError(number, "A ( without its ).")
        if line.count(")") > 1:
            raise FormatError(number, "More than one ) on a line.")
        if close == len(line) - 1:
            raise FormatError(number, "The user's name stands on a line by itself.")
        if not line[1:close].strip(_EDGE):
            raise FormatError(number, "The user's name is empty.")
        return line[1:close].strip(_EDGE), line[close + 1 :].lstrip(_EDGE)

    def _read_limit(self, number: int, user: str, amount: str) -> None:
        if user in self.listing.limits:
            self.listing.messages.append(Message(number, f"{user} has a second spending limit; the last one counts."))
        found = _AMOUNT.fullmatch(amount)
        self.listing.limits[user] = (number, f"${found[1]}" if found else amount)


def _whole_number(number: int, name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise FormatError(number, f"{name} needs a whole number.")
    found = int(value)
    if name in POSITIVE and found < 1:
        raise FormatError(number, f"{name} needs a number above 0.")
    if name == "SHRINK" and found > 9:
        raise FormatError(number, "SHRINK needs a number from 0 to 9.")
    return found


def _spread_semicolons(number: int, rest: str) -> str:
    first = rest.index(";")
    if not rest[:first].strip(_EDGE):
        raise FormatError(number, "A semicolon cannot stand before the first item.")
    if first < rest.find(":"):
        raise FormatError(number, "A semicolon cannot stand before the colon.")
    return rest.replace(";", " ; ")
