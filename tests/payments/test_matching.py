"""Which order an entry pays for."""

import pytest

from swapmeet.payments.statements.matching import Due, Fit, Matcher

DUES = [
    Due(1, "ABCD2345", "Ann Attendee", 2450, True),
    Due(2, "WXYZ6789", "Nguyễn Thị Minh", 5000, True),
    Due(3, "QJQJ2222", "Bo Buyer", 0, True),
    Due(4, "HHHH3333", "Cy Closed", 900, False),
    Due(5, "KKKK4444", "Max Muster", 700, True),
    Due(6, "MMMM5555", "Max Muster", 700, True),
]


@pytest.mark.parametrize(
    ("text", "payer", "amount", "fit", "orders"),
    [
        ("ABCD2345", "", 2450, Fit.EXACT, [1]),
        ("order abcd-2345 for the show", "", 2450, Fit.EXACT, [1]),
        ("SVWZ+ABCD 23 45", "", 2450, Fit.EXACT, [1]),
        ("ABCD2345", "", 2000, Fit.AMOUNT, [1]),
        ("ABCD2345 WXYZ6789", "", 7450, Fit.SEVERAL, [1, 2]),
        ("ABCD2345 WXYZ6789", "", 5000, Fit.AMOUNT, [2]),
        ("0I0L2222", "", 100, Fit.CLOSED, [3]),
        ("HHHH3333", "", 900, Fit.CLOSED, [4]),
        ("table", "NGUYEN THI MINH", 5000, Fit.NAME, [2]),
        ("for Attendee, Ann B.", "", 2450, Fit.NAME, [1]),
        ("for Attendee", "", 2450, Fit.NONE, []),
        ("", "Max Muster", 700, Fit.NONE, []),
        ("", "Ann Attendee", 2451, Fit.NONE, []),
        ("ABCD234", "", 2450, Fit.NONE, []),
        ("", "", 900, Fit.NONE, []),
    ],
)
def test_the_code_counts_before_the_name(text: str, payer: str, amount: int, fit: Fit, orders: list[int]) -> None:
    proposal = Matcher(DUES).propose(text=text, payer=payer, amount_minor=amount)
    assert (proposal.fit, [due.order_id for due, _ in proposal.parts]) == (fit, orders)
    assert sum(sum_ for _, sum_ in proposal.parts) in (0, amount)
