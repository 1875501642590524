"""Problems and results as JSON objects, and the hash that names a problem. Order of rows does not change either."""

import hashlib
import json
from dataclasses import replace
from json.encoder import encode_basestring as _quoted
from operator import attrgetter
from typing import Any

from swapmeet.trades.matching.model import (
    Bid,
    Bundle,
    Certificate,
    Group,
    Item,
    Limit,
    Person,
    Pool,
    Problem,
    Published,
    Result,
    Want,
)

_target, _cost, _key = attrgetter("target"), attrgetter("cost"), attrgetter("key")
_COMPACT: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
FORMAT = "swapmeet-trade/1"
MAX_NUMBER = 10**12
ENGINE = "engine 5"  # one more whenever the same problem, options and seed may give another result


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The canonical object: rows by key, wishes by target. Bundles stand there only where there are some."""
    bundles = {"bundles": [_bundle(row) for row in sorted(problem.bundles, key=lambda row: row.key)]}
    return (bundles if problem.bundles else {}) | {
        "format": FORMAT,
        "items": [
            {
                "key": row.key,
                "owner": row.owner,
                "wants": _wants(row.wants),
                "ask": row.ask,
                "ask_cost": row.ask_cost,
                "labels": sorted(row.labels),
            }
            for row in sorted(problem.items, key=lambda row: row.key)
        ],
        "groups": [
            {"key": row.key, "owner": row.owner, "wants": _wants(row.wants), "cap": row.cap}
            for row in sorted(problem.groups, key=lambda row: row.key)
        ],
        "pools": [
            {"key": row.key, "owner": row.owner, "items": sorted(row.items), "wants": _wants(row.wants), "cap": row.cap}
            for row in sorted(problem.pools, key=lambda row: row.key)
        ],
        "bids": [
            {"key": row.key, "owner": row.owner, "amount": row.amount, "wants": _wants(row.wants)}
            for row in sorted(problem.bids, key=lambda row: row.key)
        ],
        "limits": [
            {"key": row.key, "owner": row.owner, "items": sorted(row.items), "most": row.most, "gives": row.gives}
            for row in sorted(problem.limits, key=lambda row: row.key)
        ],
        "people": [
            {"key": row.key, "budget": row.budget, "avoids": sorted(row.avoids), "refuses": sorted(row.refuses)}
            for row in sorted(problem.people, key=lambda row: row.key)
        ],
        "nontrade_cost": problem.nontrade_cost,
    }


def _bundle(row: Bundle) -> dict[str, Any]:
    wants = _wants(row.wants)
    return {"key": row.key, "owner": row.owner, "items": sorted(row.items), "wants": wants, "receives": row.receives}


def _wants(wants: tuple[Want, ...]) -> list[list[Any]]:
    if any(map(_cost, wants)):
        return sorted([want.target, want.cost] for want in wants)
    return [[target, 0] for target in sorted(map(_target, wants))]


def problem_from_json(data: dict[str, Any]) -> Problem:
    """The problem of an object as `problem_to_json` makes it. Raises KeyError, TypeError or ValueError for anything else."""
    if data["format"] != FORMAT:
        raise ValueError(f"The format must be {FORMAT}.")
    return Problem(
        items=tuple(_item(row) for row in _rows(data["items"])),
        groups=tuple(Group(*_list(r), _number(r.get("cap", 1))) for r in _rows(data.get("groups", []))),
        pools=tuple(
            Pool(*_list(r)[:2], _texts(r["items"]), _to_wants(r["wants"]), _number(r.get("cap", 1)))
            for r in _rows(data.get("pools", []))
        ),
        bundles=tuple(
            Bundle(*_list(r)[:2], _texts(r["items"]), _to_wants(r["wants"]), _number(r.get("receives", 1)))
            for r in _rows(data.get("bundles", []))
        ),
        bids=tuple(
            Bid(*_list(r)[:2], _number(r["amount"]), _to_wants(r["wants"])) for r in _rows(data.get("bids", []))
        ),
        limits=tuple(
            Limit(
                _text(r["key"]),
                _text(r["owner"]),
                _texts(r["items"]),
                _number(r["most"]),
                r.get("gives", False) is True,
            )
            for r in _rows(data.get("limits", []))
        ),
        people=tuple(
            Person(
                _text(r["key"]),
                _maybe(r.get("budget")),
                frozenset(_texts(r.get("avoids", []))),
                frozenset(_texts(r.get("refuses", []))),
            )
            for r in _rows(data.get("people", []))
        ),
        nontrade_cost=_maybe(data.get("nontrade_cost")),
    )


def _item(row: dict[str, Any]) -> Item:
    return Item(
        *_list(row),
        ask=_maybe(row.get("ask")),
        ask_cost=_number(row.get("ask_cost", 0)),
        labels=frozenset(_texts(row.get("labels", []))),
    )


def _list(row: dict[str, Any]) -> tuple[str, str, tuple[Want, ...]]:
    """Key, owner and wishes."""
    return _text(row["key"]), _text(row["owner"]), _to_wants(row["wants"])


def _rows(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TypeError("a list of objects is needed")
    return rows


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, not {value!r:.40}")
    value.encode()  # half a character is none
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"a list of texts is needed, not {values!r:.40}")
    return tuple(map(_text, values))


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise ValueError(f"a whole number from 0 to {MAX_NUMBER} is needed, not {value!r:.40}")
    return value


def _maybe(value: Any) -> int | None:
    return None if value is None else _number(value)


def _to_wants(rows: Any) -> tuple[Want, ...]:
    if not isinstance(rows, list):
        raise TypeError("wishes are a list of [thing, cost]")
    return tuple(Want(_text(target), _number(cost)) for target, cost in rows)


def canonical(data: Any) -> bytes:
    """The compact JSON with sorted names: the bytes that are hashed."""
    text = json.dumps(data, **_COMPACT)
    return text.encode("utf-8", "surrogatepass")


def hash_of(data: Any) -> str:
    """SHA-256 over the canonical bytes."""
    return hashlib.sha256(canonical(data)).hexdigest()


def hash_of_problem(problem: Problem) -> str:
    """`hash_of(problem_to_json(problem))`, with the many wishes written straight as text."""
    rest = replace(problem, items=(), groups=())
    parts = {name: json.dumps(value, **_COMPACT) for name, value in problem_to_json(rest).items()}
    names = _Names()
    parts["items"] = ",".join(
        f'{{"ask":{_null(row.ask)},"ask_cost":{row.ask_cost},"key":{names[row.key]},'
        f'"labels":[{",".join(map(_quoted, sorted(row.labels)))}],"owner":{names[row.owner]},"wants":{_wants_text(row.wants, names)}}}'
        for row in sorted(problem.items, key=_key)
    )
    parts["groups"] = ",".join(
        f'{{"cap":{row.cap},"key":{names[row.key]},"owner":{names[row.owner]},"wants":{_wants_text(row.wants, names)}}}'
        for row in sorted(problem.groups, key=_key)
    )
    for name in ("items", "groups"):
        parts[name] = f"[{parts[name]}]"
    text = ",".join(f'"{name}":{parts[name]}' for name in sorted(parts))
    return hashlib.sha256(f"{{{text}}}".encode("utf-8", "surrogatepass")).hexdigest()


class _Names(dict[str, str]):
    """Each name in its quotes, written once."""

    def __missing__(self, name: str) -> str:
        self[name] = found = _quoted(name)
        return found


def _null(value: int | None) -> str:
    return "null" if value is None else str(value)


def _wants_text(wants: tuple[Want, ...], names: _Names) -> str:
    if not wants:
        return "[]"
    if any(map(_cost, wants)):
        pairs = sorted(zip(map(_target, wants), map(_cost, wants), strict=True))
        return f"[{','.join([f'[{names[target]},{cost}]' for target, cost in pairs])}]"
    return f"[[{',0],['.join(map(names.__getitem__, sorted(map(_target, wants))))},0]]"


def result_to_json(result: Result) -> dict[str, Any]:
    """What `swapmeet trade solve --json` prints."""
    certificate = result.certificate
    return {
        "items": result.items,
        "items_traded": result.items_traded,
        "users": result.users,
        "users_trading": result.users_trading,
        "priority_cost": result.priority_cost,
        "goal": result.goal.value,
        "cash": result.use_cash,
        "keeps": result.keeps,
        "max_loop": result.max_loop,
        "proven": {report.level.value: report.proven for report in result.levels},
        "value": {report.level.value: report.value for report in result.levels},
        "bound": {report.level.value: report.bound for report in result.levels},
        "seconds": {report.level.value: round(report.seconds, 4) for report in result.levels},
        "loops": [
            {
                "moves": [[m.item, m.giver, m.receiver, m.for_] for m in loop.moves],
                "payments": [[p.item, p.bid, p.payer, p.payee, p.amount] for p in loop.payments],
            }
            for loop in result.loops
        ],
        "chances": {key: chance.value for key, chance in sorted(result.chances.items())},
        "certificate": None if certificate is None else _certificate(certificate),
        "seed": result.seed,
        "input_hash": result.input_hash,
        "result_hash": result.result_hash,
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    prices = {name: list(pair) for name, pair in sorted(certificate.prices.items())}
    found: dict[str, Any] = {"weight": certificate.weight, "prices": prices}
    if certificate.scale > 1:
        found |= {"scale": certificate.scale, "limits": certificate.limits, "budgets": certificate.budgets}
    return found


def published_from_json(data: dict[str, Any]) -> Published:
    """What `Options.keep` takes, of a result as `result_to_json` makes it. Raises KeyError, TypeError or ValueError for anything else."""
    moves = frozenset((move[0], move[2]) for loop in data["loops"] for move in loop["moves"])
    if not all(isinstance(key, str) for pair in moves for key in pair):
        raise ValueError("A hand-over names a thing and people.")
    return Published(moves, str(data["result_hash"]))
