"""The twelve kinds of questions: how an answer is read, when a question is asked, how an answer is shown.

An answer is JSON: text, a whole number, true or false, a list of words, an ISO date or time, the code of a country.
Questions and answers are plain values here, so every feature that asks something can use them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from typing import Any

from babel import Locale

from swapmeet.kernel.numbers import whole

MOST_TEXT = 200
MOST_LONG = 5000
MOST_NUMBER = 10**9
NO_COUNTRIES = ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.\-]{4,38}", re.ASCII)
EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s,;<>.]{2,24}")


class QuestionKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    YES_NO = "yes_no"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"
    DATE = "date"
    TIME = "time"
    PHONE = "phone"
    EMAIL = "email"
    COUNTRY = "country"
    AGREEMENT = "agreement"


LABELS: Mapping[QuestionKind, str] = {
    QuestionKind.TEXT: "One line of text",
    QuestionKind.LONG_TEXT: "Several lines of text",
    QuestionKind.NUMBER: "A whole number",
    QuestionKind.YES_NO: "Yes or no",
    QuestionKind.ONE_OF: "One of a list",
    QuestionKind.SEVERAL_OF: "Several of a list",
    QuestionKind.DATE: "A date",
    QuestionKind.TIME: "A time of day",
    QuestionKind.PHONE: "A phone number",
    QuestionKind.EMAIL: "An e-mail address",
    QuestionKind.COUNTRY: "A country",
    QuestionKind.AGREEMENT: "Agreement to a statement",
}
WITH_OPTIONS = frozenset({QuestionKind.ONE_OF, QuestionKind.SEVERAL_OF})
CAN_LEAD = frozenset({*WITH_OPTIONS, QuestionKind.YES_NO})  # others may depend on these
COUNTABLE = frozenset(
    {*CAN_LEAD, QuestionKind.AGREEMENT, QuestionKind.COUNTRY, QuestionKind.NUMBER, QuestionKind.TIME, QuestionKind.DATE}
)


@dataclass(frozen=True)
class Asked:
    """One question as it is asked. `depends_on` and `depends_value`: only after that answer to that earlier question."""

    key: str
    kind: QuestionKind
    label: str
    is_required: bool = False
    options: tuple[str, ...] = ()
    depends_on: str = ""
    depends_value: str = ""
    help: str = ""
    is_health: bool = False


@cache
def countries() -> Mapping[str, str]:
    """English names of countries by their two letters, A to Z by name."""
    names = Locale("en").territories
    found = {
        code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


class BadAnswer(ValueError):
    """The sentence says how to answer."""


def is_asked(question: Asked, answers: Mapping[str, Any]) -> bool:
    """Does the answer it depends on ask for it? One that is not asked itself asks for nothing."""
    if not question.depends_on:
        return True
    given = answers.get(question.depends_on)
    if isinstance(given, bool):
        return ("yes" if given else "no") == question.depends_value
    return question.depends_value in given if isinstance(given, list) else given == question.depends_value


def read_answers(
    questions: Sequence[Asked], typed: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(answers by key, faults by key). In the order of the questions, so that conditions see what was answered before.

    `typed` are the posted texts by key. What is not asked is dropped, and never missing.
    """
    answers: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for question in questions:
        if not is_asked(question, answers):
            continue
        try:
            answer = read(question, typed.get(question.key, ()))
        except BadAnswer as error:
            faults[question.key] = str(error)
            continue
        if answer is not None:
            answers[question.key] = answer
        elif question.is_required:
            faults[question.key] = MISSING.get(question.kind, "Please answer this.")
    return answers, faults


MISSING = {
    QuestionKind.AGREEMENT: "Please read this and tick the box.",
    QuestionKind.COUNTRY: "Please choose one.",
    QuestionKind.ONE_OF: "Please choose one.",
    QuestionKind.SEVERAL_OF: "Please choose at least one.",
}


def is_blank(value: Any) -> bool:
    """Nobody has answered."""
    return value in (None, "", [])


def missing(questions: Sequence[Asked], answers: Mapping[str, Any]) -> list[str]:
    """Keys of questions that are asked, need an answer and have none."""
    return [
        question.key
        for question in questions
        if question.is_required and is_asked(question, answers) and is_blank(answers.get(question.key))
    ]


def read(question: Asked, texts: Sequence[str]) -> Any:
    """The answer, None when there is none. Raises BadAnswer."""
    given = [text.strip() for text in texts if text and text.strip()]
    if not given:
        return None
    if question.kind is QuestionKind.SEVERAL_OF:
        if any(text not in question.options for text in given):
            raise BadAnswer("Choose from the list.")
        return [option for option in question.options if option in given]
    return _READERS[question.kind](question, given[0])


def _text(question: Asked, text: str) -> str:
    most = MOST_LONG if question.kind is QuestionKind.LONG_TEXT else MOST_TEXT
    if len(text) > most:
        raise BadAnswer(f"At most {most:,} characters.")
    return text


def _number(question: Asked, text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    number = whole(digits, 10)
    if number is None or number > MOST_NUMBER:
        raise BadAnswer("Write a whole number, without point or spaces.")
    return sign * number


def _yes_no(question: Asked, text: str) -> bool:
    if text not in ("yes", "no"):
        raise BadAnswer("Choose yes or no.")
    return text == "yes"


def _agreement(question: Asked, text: str) -> bool | None:
    return True if text == "yes" else None


def _one_of(question: Asked, text: str) -> str:
    if text not in question.options:
        raise BadAnswer("Choose one of the list.")
    return text


def _date(question: Asked, text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadAnswer("Write a day such as 2027-05-15.") from error
    if not 1900 <= found.year <= 2100 or len(text) != 10:
        raise BadAnswer("Write a day such as 2027-05-15.")
    return found.isoformat()


def _time(question: Asked, text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise BadAnswer("Write a time such as 14:30.") from error


def _phone(question: Asked, text: str) -> str:
    if not PHONE.fullmatch(text):
        raise BadAnswer("Write a phone number such as +1 202 555 0123.")
    return text


def _email(question: Asked, text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise BadAnswer("Write the whole address, such as ann@example.org.")
    return text


def _country(question: Asked, text: str) -> str:
    if text not in countries():
        raise BadAnswer("Choose one of the list.")
    return text


_READERS = {
    QuestionKind.TEXT: _text,
    QuestionKind.LONG_TEXT: _text,
    QuestionKind.NUMBER: _number,
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.ONE_OF: _one_of,
    QuestionKind.DATE: _date,
    QuestionKind.TIME: _time,
    QuestionKind.PHONE: _phone,
    QuestionKind.EMAIL: _email,
    QuestionKind.COUNTRY: _country,
    QuestionKind.AGREEMENT: _agreement,
}


def shown(kind: QuestionKind, answer: Any) -> str:
    """An answer in words; "" for none."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, list):
        return ", ".join(str(each) for each in answer)
    return countries().get(str(answer), str(answer)) if kind is QuestionKind.COUNTRY else str(answer)


def typed_of(answer: Any) -> list[str]:
    """An answer as a form would have sent it."""
    if answer is None:
        return []
    if isinstance(answer, list):
        return [str(each) for each in answer]
    return [("yes" if answer else "no") if isinstance(answer, bool) else str(answer)]


def grouped(kind: QuestionKind, said: Iterable[tuple[str, str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(answer, [(name, order)]) of everybody who gave the same one, A to Z; capitals, accents and spaces make no difference.

    The words are those of who said it first. Each of several chosen words is an answer for itself.
    """
    words: dict[str, str] = {}
    people: dict[str, list[tuple[str, str]]] = {}
    for name, code, answer in said:
        for word in answer if isinstance(answer, list) else [shown(kind, answer)]:
            key = _folded(str(word))
            words.setdefault(key, str(word))
            people.setdefault(key, []).append((name, code))
    return [(words[key], sorted(people[key], key=lambda one: (_folded(one[0]), one[1]))) for key in sorted(people)]


def _folded(words: str) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(words.split())).casefold()
    return "".join(each for each in plain if not unicodedata.combining(each))


def counted(kind: QuestionKind, answers: Iterable[tuple[Any, int]]) -> list[tuple[str, int]]:
    """How often each answer was given, each of several chosen words for itself; the most frequent first, then A to Z.

    Numbers, days and times stand in their own order.
    """
    counts: dict[str, int] = {}
    for answer, times in answers:
        for word in answer if isinstance(answer, list) else [shown(kind, answer)]:
            counts[word] = counts.get(word, 0) + times
    if kind is QuestionKind.NUMBER:
        return sorted(counts.items(), key=lambda pair: int(pair[0]))
    if kind in (QuestionKind.DATE, QuestionKind.TIME):
        return sorted(counts.items())
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
