"""Statement files of several banks are read alike; what is wrong with a line is said by its line."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapmeet.payments.statements.entries import Statement, Unreadable, fingerprints
from swapmeet.payments.statements.figures import amount_of, day_of
from swapmeet.payments.statements.reading import read_statement
from tests.payments.files import american_csv, camt, german_csv, mt940

DAY = date(2026, 11, 24)
ROWS = [
    (DAY, 123456, "Ann Attendee", "Order ABCD2345"),
    (date(2026, 11, 5), 2450, "Müller & Söhne", "ABCD 2346 thanks"),
    (date(2026, 11, 6), -900, "Hall rent", "November"),
]


def read(content: bytes, currency: str = "USD", day_first: bool = False) -> Statement:
    return read_statement(content, currency=currency, day_first=day_first)


def faults(content: bytes, currency: str = "USD") -> list[tuple[int | None, str]]:
    return [(fault.number, fault.sentence) for fault in read(content, currency).faults]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("CSV", american_csv(ROWS)),
        ("CSV", german_csv(ROWS)),
        ("CAMT.053", camt(ROWS, opening=5000)),
        ("MT940", mt940(ROWS, opening=5000)),
    ],
)
def test_every_kind_of_file_says_the_same(kind: str, content: bytes) -> None:
    statement = read(content)
    assert (statement.kind, statement.faults) == (kind, [])
    found = [(entry.day, entry.amount_minor, entry.currency) for entry in statement.entries]
    assert found == [(day, minor, "USD") for day, minor, _, _ in ROWS]
    assert statement.entries[0].payer == "Ann Attendee"
    assert "ABCD2345" in statement.entries[0].text
    assert statement.entries[1].payer == "Müller & Söhne" or kind == "CSV"


HEADERS = {
    "two columns": "Posting Date;Details;Paid out;Paid in;Balance\n24/11/2026;ABCD2345;;1,234.56;1,234.56\n25/11/2026;Rent;9.00;;1,225.56",
    "a word for the sign": "Datum;Naam / Omschrijving;Af Bij;Bedrag (EUR);Mededelingen\n"
    "20261124;Ann;Bij;1234,56;ABCD2345\n20261125;Rent;Af;9,00;x",
    "french": "Date;Libellé;Montant(EUROS)\n24/11/2026;VIR ABCD2345;1 234,56\n25/11/2026;Loyer;-9,00",
    "spanish": "Fecha;Concepto;Importe;Divisa\n24/11/2026;ABCD2345;1.234,56;EUR\n25/11/2026;Renta;-9,00;EUR",
    "months in letters": 'Date,Narrative,Amount\n24 Nov 2026,ABCD2345,"1,234.56"\n25 Nov 2026,Rent,(9.00)',
    "minus behind": "Date,Memo,Amount,Currency\n2026-11-24,ABCD2345,1234.56,EUR\n2026-11-25,Rent,9.00-,EUR",
    "tabs": "Transaction Date\tDescription\tCredit Amount\tDebit Amount\n2026-11-24\tABCD2345\t1234.56\t\n2026-11-25\tRent\t\t9.00",
}


@pytest.mark.parametrize("name", HEADERS)
def test_columns_are_known_by_the_words_over_them(name: str) -> None:
    statement = read(HEADERS[name].encode(), "EUR", day_first=True)
    assert statement.faults == []
    assert [(entry.day, entry.amount_minor) for entry in statement.entries] == [
        (DAY, 123456),
        (date(2026, 11, 25), -900),
    ]
    assert "ABCD2345" in statement.entries[0].text


def test_files_in_utf_16_and_with_a_byte_order_mark_are_read() -> None:
    text = "Date,Description,Amount\n2026-11-24,Nguyễn 李小龍,12.00"
    for content in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        assert read(content).entries[0].text == "Nguyễn 李小龍"


def test_the_order_of_day_and_month_is_told_by_the_file_else_as_asked() -> None:
    sure = b"Date,Memo,Amount\n05/06/2026,a,1.00\n25/06/2026,b,1.00"
    open_ = b"Date,Memo,Amount\n05/06/2026,a,1.00"
    assert read(sure, day_first=False).entries[0].day == date(2026, 6, 5)
    assert read(open_, day_first=False).entries[0].day == date(2026, 5, 6)
    assert read(open_, day_first=True).entries[0].day == date(2026, 6, 5)


def test_another_currency_is_named_by_line_and_left_out() -> None:
    content = b"Date,Memo,Amount,Currency\n2026-11-24,a,10.00,USD\n2026-11-24,b,11.00,EUR"
    assert [entry.text for entry in read(content).entries] == ["a"]
    assert faults(content) == [(3, "The amount is in EUR, and this show takes USD: it is left out.")]
    assert [number for number, _ in faults(camt(ROWS, "EUR"))] == [1, 2, 3]


def test_wrong_signs_are_named_by_line() -> None:
    minus = b"Date,Memo,Credit/Debit,Amount\n2026-11-24,a,Credit,-10.00\n2026-11-24,b,C,3.00"
    assert [number for number, _ in faults(minus)] == [2]
    column = b"Date,Memo,Paid in,Paid out\n2026-11-24,a,-10.00,\n2026-11-24,b,,3.00"
    assert [number for number, _ in faults(column)] == [2]
    balance = "Date,Memo,Amount,Balance\n" + "\n".join(
        f"2026-11-{day:02d},m{day},{'-' if day == 7 else ''}10.00,{day * 10}.00" for day in range(1, 13)
    )
    found = faults(balance.encode())
    assert [number for number, _ in found] == [8]
    assert "sign" in found[0][1]
    assert len(read(balance.encode()).entries) == 11
    wrong = camt(ROWS, closing=123456 + 2450 + 900)
    assert any("balance" in sentence for _, sentence in faults(wrong))
    flipped = mt940(ROWS).replace(b"D9,00", b"C9,00")
    assert any("balance" in sentence for _, sentence in faults(flipped))
    minus_in_camt = camt(ROWS).replace(b">24.50<", b">-24.50<")
    assert (2, "The amount has a minus, which CAMT does not know: the sign is wrong.") in faults(minus_in_camt)


def test_lines_that_cannot_be_read_are_named_and_the_others_stay() -> None:
    content = b"Date,Memo,Amount\n2026-11-24,a,ten\n2026-02-30,b,1.00\n2026-11-24,c,1.005\n2026-11-24,d,0.00\n,e,1.00\n2026-11-24,f,2.00"
    assert [entry.text for entry in read(content).entries] == ["f"]
    assert [number for number, _ in faults(content)] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "content",
    [
        b"", b" \n", b"hello", b"a,b\n1,2", b"\x00\x01\x02", b"\xff\xfe", b"<", b"<a/>", b"<html></html>", b"PK\x03\x04" + bytes(400),
        b"<Document><BkToCstmrStmt></BkToCstmrStmt></Document>", b"Date,Amount\n", b":20:X\n:86:y",
        b"x" * (5 * 1024 * 1024 + 1),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert str(refused.value).endswith(".")


def test_entities_and_document_types_are_refused_in_every_encoding() -> None:
    bombs = [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
        "<!DOCTYPE x>",
    ]
    for bomb in bombs:
        plain = camt(ROWS, head=bomb)
        for content in (plain, plain.decode().replace("UTF-8", "UTF-16").encode("utf-16")):
            with pytest.raises(Unreadable, match="document type"):
                read(content)
    with pytest.raises(Unreadable, match="nested deeper"):
        read(b"<a>" * 100 + b"</a>" * 100)


def test_a_bundle_is_read_payment_by_payment_and_has_to_add_up() -> None:
    def bundle(second: str) -> bytes:
        part = "<TxDtls><Amt Ccy='USD'>{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
        details = f"<NtryDtls>{part.format('10.00', 'one')}{part.format(second, 'two')}</NtryDtls>"
        return (
            "<Document><BkToCstmrStmt><Stmt><Acct/><Ntry><Amt Ccy='USD'>15.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
            f"<BookgDt><DtTm>2026-11-24T10:00:00</DtTm></BookgDt><NtryRef>N1</NtryRef>{details}</Ntry>"
            "<Ntry><Amt Ccy='USD'>99.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry></Stmt></BkToCstmrStmt></Document>"
        ).encode()

    assert [(e.amount_minor, e.text, e.bank_ref) for e in read(bundle("5.00")).entries] == [
        (1000, "one", "N1/1"),
        (500, "two", "N1/2"),
    ]
    assert [number for number, _ in faults(bundle("6.00"))] == [1]


def test_reversals_in_mt940_count_the_other_way() -> None:
    content = mt940(ROWS).replace(b"C24,50", b"RD24,50").replace(b"D9,00", b"RC9,00")
    assert [entry.amount_minor for entry in read(content).entries] == [123456, 2450, -900]


def test_a_booking_day_of_another_year_than_the_value_day() -> None:
    head = ":20:x\n:25:1\n:60F:C261231USD0,00\n"
    content = head + ":61:2612310102C5,00NTRFNONREF\n:86:text\n:62F:C270102USD5,00\n-"
    assert read(content.encode()).entries[0].day == date(2027, 1, 2)


def test_the_same_line_has_one_fingerprint_in_every_file_that_overlaps() -> None:
    week = [(date(2026, 11, 1 + n // 3), 1000 + n % 2, "Ann", "x") for n in range(12)]
    for write in (american_csv, german_csv):
        whole = [each.fingerprint for each in fingerprints(read(write(week)).entries)]
        part = [each.fingerprint for each in fingerprints(read(write(week[6:])).entries)]
        assert len(set(whole)) == 12
        assert whole[6:] == part
    assert [each.is_repeat for each in fingerprints(read(american_csv(week)).entries)][:3] == [False, False, True]


@given(st.integers(-(10**11), 10**11), st.sampled_from([".", ","]), st.sampled_from(["USD", "JPY", "KWD"]))
def test_any_amount_as_a_bank_prints_it_comes_back(minor: int, decimal: str, currency: str) -> None:
    digits = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    whole, rest = divmod(abs(minor), 10**digits)
    grouped = f"{whole:,}".replace(",", "." if decimal == "," else ",")
    text = ("-" if minor < 0 else "") + grouped + (f"{decimal}{rest:0{digits}d}" if digits else "")
    assert amount_of(text, currency, decimal=decimal) == minor


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers_of_figures(text: str) -> None:
    for read_one in (lambda: amount_of(text, "USD", decimal="."), lambda: day_of(text, day_first=True)):
        with suppress(ValueError):
            read_one()


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for start in (
        b"",
        b"<?xml version='1.0'?><Document>",
        b":20:x\n:25:1\n:60F:C260101USD1,00\n:61:",
        b"Date,Amount\n",
    ):
        with suppress(Unreadable):
            read(start + content)
