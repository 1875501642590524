"""PURE. Statements as CSV: the columns are known by the words that banks write over them, in six languages."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from swapmeet.payments.statements.entries import Entry, Statement, Unreadable, plain
from swapmeet.payments.statements.figures import amount_of, day_comes_first, day_of, decimal_sign

# What banks write over their columns, folded (lower case, no accents, no brackets), the best word first.
COLUMNS: dict[str, tuple[str, ...]] = {
    "day": (
        "booking date", "posting date", "posted date", "buchungstag", "buchungsdatum", "boekdatum", "date de comptabilisation",
        "date operation", "fecha operacion", "fecha de operacion", "data contabile", "data operazione", "transaction date",
        "completed date", "value date", "valuta", "valutadatum", "date", "datum", "fecha", "data",
    ),
    "amount": ("amount", "betrag", "umsatz", "montant", "importe", "importo", "bedrag", "transaction amount", "net", "gross"),
    "came_in": (
        "paid in", "money in", "credit amount", "credit", "credits", "deposit", "deposits", "haben", "gutschrift", "abono",
        "avere", "accrediti",
    ),
    "went_out": (
        "paid out", "money out", "debit amount", "debit", "debits", "withdrawal", "withdrawals", "soll", "lastschrift",
        "cargo", "dare", "addebiti",
    ),
    "sign": ("credit/debit", "debit/credit", "dr/cr", "cr/dr", "soll/haben", "s/h", "af bij", "sens", "credit debit indicator"),
    "currency": ("currency", "waehrung", "wahrung", "devise", "moneda", "divisa", "munt"),
    "payer": (
        "beguenstigter/zahlungspflichtiger", "begunstigter/zahlungspflichtiger", "auftraggeber/empfanger", "auftraggeber/begunstigter",
        "zahlungspflichtige*r", "name zahlungsbeteiligter", "counterparty name", "counterparty", "partner name", "payer name",
        "payer", "payee", "naam / omschrijving", "naam tegenpartij", "tiers", "ordenante", "ordinante", "from", "name",
    ),
    "bank_ref": ("transaction id", "transaction number", "transaction reference number", "fitid", "bank reference", "id"),
    "balance": ("balance", "running balance", "saldo", "saldo nach buchung", "kontostand", "solde"),
}  # fmt: skip
# All of these columns are read together.
TEXTS = frozenset((
    "description", "transaction description", "details", "memo", "narrative", "reference", "payment reference", "customer reference",
    "verwendungszweck", "buchungstext", "kundenreferenz", "libelle", "libelle operation", "concepto", "causale", "descrizione",
    "mededelingen", "omschrijving", "note", "subject", "message", "check number", "end-to-end-referenz",
))  # fmt: skip
CAME_IN_WORDS = ("c", "cr", "credit", "h", "haben", "bij", "+", "in")
WENT_OUT_WORDS = ("d", "dr", "dbit", "debit", "s", "soll", "af", "-", "out")
DELIMITERS = (";", ",", "\t", "|")
MOST_PREAMBLE = 30


@dataclass(frozen=True)
class _Head:
    """Where the header stands, which column is what, and the currency that a header names in brackets."""

    row: int
    columns: dict[str, int]
    texts: tuple[int, ...]
    currency: str


def read_csv(content: bytes, *, currency: str, day_first: bool) -> Statement:
    """Entries by line. `currency` is what a file without a column for it is in. Raises Unreadable."""
    text = _decode(content)
    rows, head = _rows_and_head(text)
    statement = Statement("CSV")
    body = [(number, row) for number, row in rows[head.row + 1 :] if any(cell.strip() for cell in row)]
    amounts = [_cell(row, head, name) for _, row in body for name in ("amount", "came_in", "went_out")]
    reader = _Reader(
        head,
        head.currency or currency,
        decimal_sign(text for text in amounts if text),
        day_comes_first((_cell(row, head, "day") for _, row in body), otherwise=day_first),
    )
    balances: list[tuple[int, int, int | None]] = []
    for number, row in body:
        try:
            entry = reader.entry(number, row)
            statement.add(entry)
            balances.append((number, entry.amount_minor, reader.balance(row)))
        except ValueError as error:
            statement.complain(number, str(error))
    for number in _against_balance(balances):
        statement.complain(number, "The amount does not fit the balance beside it: its sign or sum is wrong.")
    wrong = {fault.number for fault in statement.faults}
    statement.entries = [entry for entry in statement.entries if entry.number not in wrong]
    return statement


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows_and_head(text: str) -> tuple[list[tuple[int, list[str]]], _Head]:
    """Rows with their line numbers, and the header: the first row with a day and a sum, by any delimiter."""
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
        rows: list[tuple[int, list[str]]] = []
        try:
            for row in reader:
                rows.append((reader.line_num, row))
        except csv.Error as error:
            raise Unreadable(f"Line {reader.line_num} cannot be read as a line of a CSV file.") from error
        for index, (_, row) in enumerate(rows[:MOST_PREAMBLE]):
            head = _head_of(index, row)
            if head is not None:
                return rows, head
    raise Unreadable(
        "No line with the names of the columns was found. A statement needs a column for the day and one for the amount; "
        "save it at your bank as CSV, CAMT.053 or MT940."
    )


def _fold(text: str) -> str:
    bare = text.partition("(")[0] if "(" in text else text
    normal = unicodedata.normalize("NFKD", bare).casefold().strip().strip('"')
    return " ".join("".join(ch for ch in normal if not unicodedata.combining(ch)).replace("ß", "ss").split())


def _head_of(index: int, row: Sequence[str]) -> _Head | None:
    names = [_fold(cell) for cell in row]
    columns = {}
    for what, words in COLUMNS.items():
        place = next((names.index(word) for word in words if word in names), None)
        if place is not None:
            columns[what] = place
    has_sum = "amount" in columns or "came_in" in columns
    if "day" not in columns or not has_sum:
        return None
    if "amount" in columns:
        columns.pop("came_in", None)
        columns.pop("went_out", None)
    texts = tuple(place for place, name in enumerate(names) if name in TEXTS)
    sum_head = row[columns.get("amount", columns.get("came_in", 0))]
    inside = sum_head.partition("(")[2].partition(")")[0].strip().upper()
    return _Head(index, columns, texts, inside if len(inside) == 3 and inside.isalpha() else "")


def _cell(row: Sequence[str], head: _Head, name: str) -> str:
    place = head.columns.get(name)
    return row[place].strip() if place is not None and place < len(row) else ""


@dataclass(frozen=True)
class _Reader:
    head: _Head
    currency: str
    decimal: str
    day_first: bool

    def entry(self, number: int, row: Sequence[str]) -> Entry:
        """Raises ValueError with what is wrong with the line."""
        day: date = day_of(self._of(row, "day"), day_first=self.day_first)
        currency = self._of(row, "currency").upper() or self.currency
        text = " ".join(row[place].strip() for place in self.head.texts if place < len(row) and row[place].strip())
        return Entry(
            number,
            day,
            self._amount(row, currency),
            currency,
            plain(self._of(row, "payer"))[:200],
            plain(text),
            plain(self._of(row, "bank_ref"))[:100],
        )

    def balance(self, row: Sequence[str]) -> int | None:
        try:
            return self._money(self._of(row, "balance"), self._of(row, "currency").upper() or self.currency)
        except ValueError:
            return None

    def _of(self, row: Sequence[str], name: str) -> str:
        return _cell(row, self.head, name)

    def _money(self, text: str, currency: str) -> int:
        return amount_of(text, currency, decimal=self.decimal)

    def _amount(self, row: Sequence[str], currency: str) -> int:
        if "amount" in self.head.columns:
            return self._signed(self._money(self._of(row, "amount"), currency), self._of(row, "sign"))
        came_in, went_out = self._of(row, "came_in"), self._of(row, "went_out")
        if bool(came_in) == bool(went_out) and not _is_nothing(came_in) and not _is_nothing(went_out):
            raise ValueError("There has to be an amount either in the column for money in or in the one for money out.")
        if came_in and not _is_nothing(came_in):
            amount = self._money(came_in, currency)
            if amount < 0:
                raise ValueError("A minus in the column for money that came in: the sign is wrong.")
            return amount
        if not went_out:
            raise ValueError("There is no amount in this line.")
        return -abs(self._money(went_out, currency))

    @staticmethod
    def _signed(amount: int, mark: str) -> int:
        word = _fold(mark)
        if word in CAME_IN_WORDS and amount < 0:
            raise ValueError("The line says that money came in, and the amount has a minus: the sign is wrong.")
        return -abs(amount) if word in WENT_OUT_WORDS else amount


def _is_nothing(text: str) -> bool:
    return not text.strip("0.,- ")


def _against_balance(rows: Sequence[tuple[int, int, int | None]]) -> list[int]:
    """Lines whose amount does not lead from one balance to the next, whether the newest line stands first or last.

    Nothing is said unless nearly all lines fit, for then the column is something else.
    """
    if len(rows) < 3 or any(balance is None for _, _, balance in rows):
        return []
    pairs = list(pairwise(rows))
    upward = [b[0] for a, b in pairs if int(b[2] or 0) - int(a[2] or 0) != b[1]]
    downward = [a[0] for a, b in pairs if int(a[2] or 0) - int(b[2] or 0) != a[1]]
    wrong = min(upward, downward, key=len)
    return wrong if len(wrong) * 4 <= len(pairs) else []
