"""The traders' format, fault by fault as the reference reader has it."""

import pytest

from swapmeet.trades.matching.listing import FormatError
from swapmeet.trades.matching.reading import read_problem


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("#! NO-SUCH", 1, "Unknown option"),
        ("#! SEED=x", 1, "whole number"),
        ("#! SHRINK=10", 1, "0 to 9"),
        ("a : b\n#! ALLOW-DUMMIES", 2, "after the first want list"),
        ("!BEGIN-OFFICIAL-NAMES\na\nA\n!END-OFFICIAL-NAMES", 3, "stands twice"),
        ("!BEGIN-OFFICIAL-NAMES\n%a\n", 2, "cannot begin with %"),
        ("!BEGIN-OFFICIAL-NAMES\na", 2, "without !END"),
        ("!END-OFFICIAL-NAMES", 1, "without !BEGIN"),
        ("a : b # c", 1, "beginning of a line"),
        ("(u) : b", 1, "one item must stand"),
        ("(u)", 1, "by itself"),
        ("() a : b", 1, "empty"),
        ("( ) a : b", 1, "empty"),
        ("((u) a : b", 1, "More than one ("),
        ("(u) a : b)", 1, "More than one )"),
        ("(u a : b", 1, "without its )"),
        ("u) a : b", 1, "without its ("),
        ("a (u) : b", 1, "front of the line"),
        ("a : b : c", 1, "More than one colon"),
        ("a b : c", 1, "Exactly one item"),
        ("; a : b", 1, "before the first item"),
        ("a ; b : c", 1, "before the colon"),
        ("#! REQUIRE-COLONS\na b", 2, "colon is missing"),
        ("#! REQUIRE-USERNAMES\na : b", 2, "user's name is missing"),
    ],
)
def test_where_the_reference_stops_so_do_we_with_the_line(text, line, words):
    with pytest.raises(FormatError) as caught:
        read_problem(text)
    assert caught.value.line == line
    assert words in str(caught.value)


def _wants(text, key):
    problem = read_problem(text).problem
    item = next(item for item in problem.items if item.key == key)
    return [(want.target, want.cost) for want in item.wants]


def test_skipped_wishes_use_no_rank_but_missing_lists_do():
    text = """#! LINEAR-PRIORITIES
!BEGIN-OFFICIAL-NAMES
A ==> 1. "A" (from u)
B
C
SILENT
!END-OFFICIAL-NAMES
(u) a : nothing a b b silent c
(v) b : a ; c
(v) c :
"""
    reading = read_problem(text)
    assert _wants(text, "A") == [("B", 1), ("C", 3)]
    assert _wants(text, "B") == [("A", 1)]
    assert [message.line for message in reading.messages] == [8, 8, 8, 9]


@pytest.mark.parametrize(
    ("scheme", "costs"),
    [("LINEAR", [1, 2, 12]), ("TRIANGLE", [1, 3, 78]), ("SQUARE", [1, 4, 144]), ("SCALED", [1, 841, 9241])],
)
def test_ranks_become_costs_by_the_scheme(scheme, costs):
    text = f"#! {scheme}-PRIORITIES\n(u) a : b c ; d\n(v) b :\n(v) c :\n(v) d :\n"
    assert [cost for _, cost in _wants(text, "A")] == costs


def test_explicit_ranks_count_on():
    text = "#! EXPLICIT-PRIORITIES\n(u) a : b=5 c d=0 d=x d=2\n(v) b :\n(v) c :\n(v) d :\n"
    assert _wants(text, "A") == [("B", 5), ("C", 6), ("D", 2)]
    assert len(read_problem(text).messages) == 2


def test_groups_belong_to_their_user():
    text = "#! ALLOW-DUMMIES\n(u) a : %x b\n(u) %x : b\n(v) b : %x a\n"
    assert [target for target, _ in _wants(text, "A")] == ["%X for user (U)", "B"]
    assert [target for target, _ in _wants(text, "B")] == ["A"]
    assert _wants(text.replace("#! ALLOW-DUMMIES\n", ""), "A") == [("B", 0)]


def test_only_the_first_list_of_an_item_counts():
    reading = read_problem("(u) a : b\n(u) a : c\n(v) b :\n(v) c :\n")
    assert [want.target for want in reading.problem.items[0].wants] == ["B"]
    assert reading.messages[0].line == 2


def test_asks_bids_and_limits_are_cash():
    problem = read_problem("(u) a : $25 b\n(v) b : a\n(w) $30 : a b\n(w) $20.50: b\n(w) LIMIT: $40\n").problem
    assert problem.items[0].ask == 2500
    assert sorted(bid.amount for bid in problem.bids) == [2050, 3000]
    assert problem.people[0].budget == 4000


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf(u) \xc3\xa4 : b\r\n(v) b : \xc3\xa4\r\n\x1a",
        b"(u) \xe4 : b\n(v) b : \xe4\n",
        b"(u) \xe4 : b\n(v) b : \xc3\xa4\n",
    ],
)
def test_encodings_line_ends_and_control_z_are_read(data):
    items = read_problem(data).problem.items
    assert [item.key for item in items] == ["Ä", "B"]
    assert items[1].wants[0].target == "Ä"


def test_case_can_matter():
    assert len(read_problem("#! CASE-SENSITIVE\n(u) a : A\n(v) A : a\n").problem.items) == 2


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 99, b"((((((", b"%", b":", b"$", b"(\0) \xff : = ;;;; =0", "(u) 😀 : 💥=9\n".encode()]
)
def test_rubbish_is_read_or_refused_but_never_breaks(data):
    try:
        line = read_problem(data).messages[-1].line if read_problem(data).messages else 1
    except FormatError as error:
        line = error.line
    assert line >= 1
