"""Statement files as banks write them, for a list of (day, minor units, payer, text)."""

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

Row = tuple[date, int, str, str]


def dotted(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def comma(minor: int) -> str:
    return f"{abs(minor) // 100:,}".replace(",", ".") + f",{abs(minor) % 100:02d}"


def american_csv(rows: Sequence[Row]) -> bytes:
    lines = ["Date,Description,Name,Amount"]
    lines += [f'{day:%m/%d/%Y},"{text}","{payer}",{dotted(minor)}' for day, minor, payer, text in rows]
    return "\n".join(lines).encode()


def german_csv(rows: Sequence[Row], currency: str = "USD") -> bytes:
    lines = [
        '"Kontonummer:";"DE02120300000000202051"',
        "",
        "Buchungstag;Beguenstigter/Zahlungspflichtiger;Verwendungszweck;Betrag;Waehrung",
    ]
    lines += [
        f'{day:%d.%m.%Y};"{payer}";"{text}";"{"-" if minor < 0 else ""}{comma(minor)}";{currency}'
        for day, minor, payer, text in rows
    ]
    return "\r\n".join(lines).encode("cp1252")


def camt(
    rows: Sequence[Row], currency: str = "USD", *, opening: int = 0, closing: int | None = None, head: str = ""
) -> bytes:
    total = sum(minor for _, minor, _, _ in rows)
    closing = opening + total if closing is None else closing
    entries = "".join(
        f'<Ntry><Amt Ccy="{currency}">{dotted(abs(minor))}</Amt><CdtDbtInd>{"CRDT" if minor > 0 else "DBIT"}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>R{number:05d}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>{escape(payer)}</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for number, (day, minor, payer, text) in enumerate(rows)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<Stmt><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{_balance('OPBD', opening, currency)}{_balance('CLBD', closing, currency)}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _balance(kind: str, minor: int, currency: str) -> str:
    sign = "CRDT" if minor >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{dotted(abs(minor))}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd></Bal>"
    )


def mt940(rows: Sequence[Row], currency: str = "USD", *, opening: int = 0) -> bytes:
    first = min(day for day, *_ in rows)
    lines = [
        ":20:STARTUMS",
        ":25:12030000/202051",
        ":28C:1/1",
        f":60F:C{first:%y%m%d}{currency}{comma(opening).replace('.', '')}",
    ]
    for number, (day, minor, payer, text) in enumerate(rows):
        mark = "C" if minor > 0 else "D"
        lines.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{comma(abs(minor)).replace('.', '')}NTRFNONREF//B{number:05d}")
        lines += [f":86:166?00GUTSCHRIFT?20SVWZ+{text}", f"?32{payer}"]
    total = opening + sum(minor for _, minor, _, _ in rows)
    lines += [f":62F:{'C' if total >= 0 else 'D'}{first:%y%m%d}{currency}{comma(abs(total)).replace('.', '')}", "-"]
    return "\r\n".join(lines).encode("latin-1")
