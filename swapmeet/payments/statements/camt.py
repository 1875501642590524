"""PURE. Statements as CAMT.053 (ISO 20022 XML). A file that declares a document type or an entity is refused unread."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.parsers import expat

from swapmeet.payments.statements.entries import Entry, Statement, Unreadable, plain
from swapmeet.payments.statements.figures import amount_of, day_of

MOST_DEPTH = 40
MOST_NODES = 2_000_000


@dataclass
class Node:
    """An element by its local name: namespaces tell the version of CAMT, and all versions are read alike."""

    name: str
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts).strip()

    def each(self, path: str) -> Iterator["Node"]:
        """Descendants along a path of names ("Refs/EndToEndId")."""
        first, _, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                yield from child.each(rest) if rest else iter((child,))

    def first(self, *paths: str) -> str:
        """The text of the first element that any of the paths leads to, in the order of the paths."""
        for path in paths:
            for node in self.each(path):
                if node.text:
                    return node.text
        return ""


def parse_xml(content: bytes) -> Node:
    """The root element. No document type, no entities, no outside addresses, bounded depth and size. Raises Unreadable."""
    parser = expat.ParserCreate(namespace_separator=" ")
    root = Node("", {})
    stack, count = [root], 0

    def refuse(*_: Any) -> Any:
        raise Unreadable(
            "This XML file declares a document type or entities. Banks do not write such files; it is not read."
        )

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > MOST_DEPTH or count > MOST_NODES:
            raise Unreadable("This XML file is nested deeper or is larger than any statement.")
        node = Node(name.rpartition(" ")[2], attributes)
        stack[-1].children.append(node)
        stack.append(node)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _name: stack.pop()
    parser.CharacterDataHandler = lambda text: stack[-1].parts.append(text)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        where = f" in line {error.lineno}" if isinstance(error, expat.ExpatError) else ""
        raise Unreadable(f"This is not a whole XML file; it cannot be read further{where}.") from error
    return root


def read_camt(content: bytes) -> Statement:
    """Booked entries of all statements in the file; a bundle of payments is read payment by payment. Raises Unreadable."""
    root = parse_xml(content)
    parts = list(root.each("Document/BkToCstmrStmt/Stmt"))
    if not parts:
        raise Unreadable("This XML file is no account statement (CAMT.053).")
    statement, number = Statement("CAMT.053"), 0
    for part in parts:
        statement.account = statement.account or plain(part.first("Acct/Id/IBAN", "Acct/Id/Othr/Id"))[:64]
        before = len(statement.faults)
        total = 0
        for node in part.each("Ntry"):
            number += 1
            try:
                total += _read_entry(statement, number, node)
            except ValueError as error:
                statement.complain(number, str(error))
        if len(statement.faults) == before:
            _check_balances(statement, part, total)
    return statement


def _read_entry(statement: Statement, number: int, node: Node) -> int:
    """Adds what the entry holds, returns its signed sum. Raises ValueError with what is wrong."""
    if node.first("Sts/Cd", "Sts") not in ("", "BOOK"):
        return 0
    amount, currency = _amount(node)
    amount *= _sign(node)
    day = _day(node)
    bank_ref = plain(node.first("AcctSvcrRef", "NtryRef"))[:100]
    details = list(node.each("NtryDtls/TxDtls"))
    if len(details) <= 1:
        detail = details[0] if details else node
        text = _text(detail) or plain(node.first("AddtlNtryInf"))
        bank_ref = plain(detail.first("Refs/AcctSvcrRef"))[:100] or bank_ref
        statement.add(Entry(number, day, amount, currency, _payer(detail, amount), text, bank_ref))
        return amount
    parts = [_part(detail, currency, amount) for detail in details]
    if sum(sum_ for sum_, _ in parts) != amount:
        raise ValueError("The payments bundled in this entry do not add up to its sum.")
    for place, (sum_, detail) in enumerate(parts, start=1):
        own = plain(detail.first("Refs/AcctSvcrRef"))[:100] or (f"{bank_ref}/{place}" if bank_ref else "")
        statement.add(Entry(number, day, sum_, currency, _payer(detail, sum_), _text(detail), own))
    return amount


def _amount(node: Node) -> tuple[int, str]:
    for amount in node.each("Amt"):
        currency = amount.attributes.get("Ccy", "").upper()
        if len(currency) != 3 or not currency.isalpha():
            raise ValueError("The amount has no currency.")
        minor = amount_of(amount.text, currency, decimal=".")
        if minor < 0:
            raise ValueError("The amount has a minus, which CAMT does not know: the sign is wrong.")
        return minor, currency
    raise ValueError("There is no amount.")


def _sign(node: Node) -> int:
    """1 for money that came in. A reversed entry carries the direction it has itself."""
    found = node.first("CdtDbtInd")
    if found not in ("CRDT", "DBIT"):
        raise ValueError("It is not said whether the money came in or went out.")
    return 1 if found == "CRDT" else -1


def _day(node: Node) -> date:
    raw = node.first("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    return day_of(raw[:10], day_first=True)


def _part(detail: Node, currency: str, whole: int) -> tuple[int, Node]:
    """One payment of a bundle: its own sum, in the direction of the bundle unless it says otherwise."""
    raw = detail.first("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
    amount = amount_of(raw, currency, decimal=".")
    direction = detail.first("CdtDbtInd") or ("CRDT" if whole > 0 else "DBIT")
    return (amount if direction == "CRDT" else -amount), detail


def _payer(detail: Node, amount: int) -> str:
    who = "Dbtr" if amount > 0 else "Cdtr"
    return plain(detail.first(f"RltdPties/{who}/Nm", f"RltdPties/{who}/Pty/Nm", f"RltdPties/Ultmt{who}/Nm"))[:200]


def _text(detail: Node) -> str:
    words = [node.text for node in detail.each("RmtInf/Ustrd")]
    words += [node.text for node in detail.each("RmtInf/Strd/CdtrRefInf/Ref")]
    reference = detail.first("Refs/EndToEndId")
    if reference and reference not in ("NOTPROVIDED", "NONREF"):
        words.append(reference)
    return plain(" ".join(words))


def _check_balances(statement: Statement, part: Node, total: int) -> None:
    """The balance before and the entries give the balance after; else something is missing or has a wrong sign."""
    found: dict[str, int] = {}
    for node in part.each("Bal"):
        try:
            minor, _ = _amount(node)
            found[node.first("Tp/CdOrPrtry/Cd")] = minor * _sign(node)
        except ValueError:
            return
    before, after = found.get("OPBD", found.get("PRCD")), found.get("CLBD")
    if before is not None and after is not None and before + total != after:
        statement.complain(
            None,
            "The entries do not lead from the balance before to the balance after: a sum or sign is wrong, or some are missing.",
        )
