"""The published description of a result fits what is printed, and refuses what is not."""

import copy
import json
import random
import re
from importlib.resources import files

import pytest

from swapmeet.trades.matching import Goal, Options, solve
from swapmeet.trades.matching.jsonform import result_to_json
from tests.trades.matching.oracle import random_problem

SCHEMA = json.loads((files("swapmeet") / "data" / "trade_result.schema.json").read_text(encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
KNOWN = {
    "$schema", "title", "description", "type", "properties", "required", "additionalProperties", "items", "prefixItems",
    "minItems", "maxItems", "enum", "minimum", "pattern",
}  # fmt: skip


def _is_a(value, name: str) -> bool:
    if name == "null":
        return value is None
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults(value, schema, path="result") -> list[str]:
    """Where a value breaks the part of JSON Schema that ours uses; a word it does not use yet is a fault of the test."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is_a(value, name) for name in types):
        return [f"{path} is not {types}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path} is none of {schema['enum']}")
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        found.append(f"{path} is below {schema['minimum']}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        found.append(f"{path} does not match")
    if isinstance(value, dict):
        found += [f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, inner in value.items():
            inside = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            found += [f"{path}.{name} is unknown"] if inside is False else faults(inner, inside, f"{path}.{name}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{path} has {len(value)} entries")
        parts = schema.get("prefixItems", [])
        for place, inner in enumerate(value):
            inside = parts[place] if place < len(parts) else schema.get("items", {})
            found += faults(inner, inside, f"{path}[{place}]")
    return found


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("feature", ["plain", "costs", "groups", "pools", "cash", "limits"])
def test_every_result_fits_its_description(feature, goal):
    for seed in range(25):
        problem = random_problem(random.Random(f"schema {feature} {seed}"), feature)
        answer = json.loads(json.dumps(result_to_json(solve(problem, Options(goal=goal, use_cash=True)))))
        assert faults(answer, SCHEMA) == [], seed


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_a_result_without_a_part_does_not_fit(name):
    problem = random_problem(random.Random("schema plain 1"), "plain")
    answer = result_to_json(solve(problem, Options()))
    broken = copy.deepcopy(answer)
    del broken[name]
    assert faults(broken, SCHEMA) == [f"result.{name} is missing"]
    assert faults(answer | {name: object()}, SCHEMA) != []
    assert faults(answer | {"more": 1}, SCHEMA) == ["result.more is unknown"]
