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
        ("!begin-official-names\na\n!End-Official-Names\n!BEGIN-OFFICIAL-NAMES", 4, "only once"),
        ("#! SEED=0", 1, "above 0"),
        ("(" * 50_000 + "u) a : b", 1, "More than one ("),
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


@pytest.mark.parametrize(
    ("text", "wants", "said"),
    [
        ("#! EXPLICIT-PRIORITIES\n(u) a : b=0 =0 b=-1 b= b=3=4 c=2 b", [("C", 2), ("B", 3)], 5),
        ("(u) a : b=0 =0 c", [("C", 0)], 2),
        ("(u) a : a B b x x c", [("B", 0), ("C", 0)], 4),
        ("#! ALLOW-DUMMIES\n(u) %g : %g d b\n(u) a : %G %h c", [("%G for user (U)", 0), ("C", 0)], 3),
        ("#! LINEAR-PRIORITIES SQUARE-PRIORITIES\n(u) a : b c", [("B", 1), ("C", 4)], 0),
        ("#! SQUARE-PRIORITIES\n#! LINEAR-PRIORITIES\n(u) a : ; b ;; c ;", [("B", 10), ("C", 29)], 0),
        ("#! SCALED-PRIORITIES\n(u) a : nothing b a c", [("B", 1), ("C", 1261)], 2),
        ("#! GEEKLIST=X1 YEAR= MONTH=MAY REQUIRE-COLONS\n(u) a b c", [("B", 0), ("C", 0)], 1),
        ("(u) a :\u00a0b c", [("C", 0)], 1),
        ("(u) a :\u3000b\x1cc \t c", [("C", 0)], 1),
        ("(u)a:b;c", [("B", 0), ("C", 0)], 0),
        ("\ufeff( u ) a : b c\x1a", [("B", 0), ("C", 0)], 0),
        ('#+ told\n#pragma user "u"\n# MISSING 7 WANTS 8\n(u) a : b', [("B", 0)], 0),
        ("(u) a : b\n(u) a : c\n(u) % : b", [("B", 0)], 2),
        ("(u) !a : b\n(u) a : b !a", [("B", 0)], 1),
    ],
)
def test_faults_that_the_reference_survives_are_told_and_passed_over(text, wants, said):
    reading = read_problem(text + "\n(v) b :\n(v) c :\n(u) d :\n")
    item = next(item for item in reading.problem.items if item.key == "A")
    assert [(want.target, want.cost) for want in item.wants] == wants
    assert len(reading.messages) == said, reading.messages
    assert all(message.line >= 1 and str(message).startswith("Line ") for message in reading.messages)


@pytest.mark.parametrize("amount", ["$120", "120", "$ 120", "$120.00"])
def test_the_cash_dialect_says_limits_in_several_ways(amount):
    problem = read_problem(f"#! GEEKLIST=7\n(v) $30 : a\n(v) LIMIT : {amount}\n(u) a : $20").problem
    assert ([item.key for item in problem.items], problem.people[0].budget) == (["A"], 12_000)
    assert len(read_problem("(v) LIMIT : 120\n(u) 120 :").problem.items) == 2  # elsewhere that is a thing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_list_reads_the_same_in_every_encoding(encoding):
    text = "(zoë) café : b\r\n\r\n(v) b : CAFÉ\r(w) c : b café\n"
    assert read_problem(text.encode(encoding)).problem == read_problem(text).problem


def test_ten_megabytes_of_rubbish_are_read_in_one_go():
    lines = ["#! ALLOW-DUMMIES LINEAR-PRIORITIES"]
    lines += [f"(u{n % 50}) i{n % 900} : " + "i1 %x =0 ; nothing $5 " * 50 for n in range(5_000)]
    lines += ["# " + "x" * 5_000_000]
    data = "\n".join(lines).encode()
    assert len(data) > 10_000_000
    reading = read_problem(data)
    assert len(reading.problem.items) == 900
    assert reading.messages[-1].line == 5_001
