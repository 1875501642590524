"""The twelve kinds of questions: what is read, what is refused in words, when a question is asked."""

from typing import Any

import pytest

from swapmeet.questions.kinds import (
    Asked,
    BadAnswer,
    QuestionKind,
    counted,
    grouped,
    missing,
    read,
    read_answers,
    shown,
)

K = QuestionKind


def asked(kind: QuestionKind, **more: Any) -> Asked:
    return Asked("1", kind, "What?", **more)


@pytest.mark.parametrize(
    ("kind", "texts", "answer", "words"),
    [
        (K.TEXT, [" red "], "red", "red"),
        (K.LONG_TEXT, ["two\nlines"], "two\nlines", "two\nlines"),
        (K.NUMBER, ["-12"], -12, "-12"),
        (K.YES_NO, ["no"], False, "no"),
        (K.ONE_OF, ["b"], "b", "b"),
        (K.SEVERAL_OF, ["b", "a"], ["a", "b"], "a, b"),
        (K.DATE, ["2027-05-15"], "2027-05-15", "2027-05-15"),
        (K.TIME, ["09:30"], "09:30", "09:30"),
        (K.PHONE, ["+1 202 555 0123"], "+1 202 555 0123", "+1 202 555 0123"),
        (K.EMAIL, ["ann@example.org"], "ann@example.org", "ann@example.org"),
        (K.COUNTRY, ["NL"], "NL", "Netherlands"),
        (K.AGREEMENT, ["yes"], True, "yes"),
    ],
)
def test_each_kind_reads_its_answer(kind: QuestionKind, texts: list[str], answer: Any, words: str) -> None:
    question = asked(kind, options=("a", "b"))
    assert read(question, texts) == answer
    assert shown(kind, answer) == words
    assert read(question, ["  "]) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (K.TEXT, "x" * 201),
        (K.NUMBER, "1.5"),
        (K.NUMBER, "9" * 30),
        (K.NUMBER, "٣"),
        (K.YES_NO, "perhaps"),
        (K.ONE_OF, "c"),
        (K.SEVERAL_OF, "c"),
        (K.DATE, "15.5.2027"),
        (K.DATE, "0001-01-01"),
        (K.TIME, "25:00"),
        (K.PHONE, "call me"),
        (K.EMAIL, "ann@"),
        (K.COUNTRY, "XX"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(kind: QuestionKind, text: str) -> None:
    with pytest.raises(BadAnswer, match=r"\w+ .+\."):
        read(asked(kind, options=("a", "b")), [text])


def test_a_question_follows_from_an_answer_and_is_dropped_otherwise() -> None:
    eats = Asked("1", K.YES_NO, "Do you eat with us?", is_required=True)
    what = Asked("2", K.ONE_OF, "What?", is_required=True, options=("soup", "pie"), depends_on="1", depends_value="yes")
    more = Asked("3", K.TEXT, "Which pie?", is_required=True, depends_on="2", depends_value="pie")
    chain = [eats, what, more]
    assert read_answers(chain, {"1": ["no"], "2": ["pie"], "3": ["apple"]}) == ({"1": False}, {})
    answers, faults = read_answers(chain, {"1": ["yes"], "2": ["pie"]})
    assert answers == {"1": True, "2": "pie"}
    assert list(faults) == ["3"]
    assert missing(chain, {"1": True}) == ["2"]
    assert missing(chain, {"1": False}) == []


def test_answers_are_counted_each_chosen_word_for_itself() -> None:
    assert counted(K.SEVERAL_OF, [(["a", "b"], 2), (["b"], 1)]) == [("b", 3), ("a", 2)]
    assert counted(K.NUMBER, [(10, 1), (9, 5), (-1, 2)]) == [("-1", 2), ("9", 5), ("10", 1)]
    assert counted(K.TIME, [("10:15", 3), ("09:30", 1)]) == [("09:30", 1), ("10:15", 3)]
    assert counted(K.YES_NO, [(True, 1), (False, 4)]) == [("no", 4), ("yes", 1)]


def test_the_same_answers_stand_together_whatever_their_capitals_and_spaces() -> None:
    said = [("Bo", "B", "Tiny  doors"), ("Ann", "A", "tiny Doors"), ("Cy", "C", "Lathe"), ("Di", "D", "lathé ")]
    assert grouped(QuestionKind.TEXT, said) == [
        ("Lathe", [("Cy", "C"), ("Di", "D")]),
        ("Tiny  doors", [("Ann", "A"), ("Bo", "B")]),
    ]
    chosen = [("Ann", "A", ["S", "L"]), ("Bo", "B", ["L"])]
    assert [(word, len(people)) for word, people in grouped(QuestionKind.SEVERAL_OF, chosen)] == [("L", 2), ("S", 1)]
