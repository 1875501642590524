"""Checks a result against its problem. Standard library only; shares no code with the solver, so that it cannot share a mistake.

    python verifier.py problem.json result.json

Each hand-over must be wished for, each item move at most once, groups and pools stay within their caps, loops close, budgets
hold. Where the result carries prices, additions prove that nothing is better: for each vertex a pair (u, v), with
u(receiver) + v(sender) <= cost on every wish, where staying costs `weight` for an item and 0 for anything else. Then no result
can cost less than the sum of all u and v; this one costs exactly that.
"""

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def faults_in(problem: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Sentences; empty when the result is right. Both objects as the solver writes them."""
    try:
        return _Check(problem, result).run()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return [f"The file has not the form it should have ({type(error).__name__}: {error})."]


def _hash_of(data: Any) -> str:
    """SHA-256 over the compact JSON with sorted names."""
    compact = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(compact.encode("utf-8", "surrogatepass")).hexdigest()


class _Check:
    def __init__(self, problem: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self.problem, self.result = problem, result
        self.faults: list[str] = []
        self.items = {row["key"]: row for row in problem["items"]}
        self.bids = {row["key"]: row for row in problem["bids"]} if result["cash"] else {}
        self.shared = {row["key"]: row for row in [*problem["groups"], *problem["pools"]]}
        self.pools: dict[str, list[str]] = defaultdict(list)
        for row in problem["pools"]:
            for key in row["items"]:
                self.pools[key].append(row["key"])
        self.rules = {row["key"]: row for row in problem["people"]}
        self.moves = [move for loop in result["loops"] for move in loop["moves"]]
        self.payments = [payment for loop in result["loops"] for payment in loop["payments"]]

    def run(self) -> list[str]:
        self.check_hash()
        self.check_loops()
        self.check_counts()
        if not self.faults:
            cost = self.check_wishes()
            self.check_cash()
            if self.result["certificate"] is not None and not self.faults:
                self.check_prices(cost)
        return self.faults

    def say(self, text: str) -> None:
        self.faults.append(text)

    def check_hash(self) -> None:
        if _hash_of(self.problem) != self.result["input_hash"]:
            self.say("The result belongs to another problem: the input hash differs.")
        rows = [[[move[0], move[3]] for move in loop["moves"]] for loop in self.result["loops"]]
        if _hash_of([self.result["input_hash"], rows]) != self.result["result_hash"]:
            self.say("The loops are not the ones that were hashed.")

    def check_loops(self) -> None:
        """Every loop closes: what is given is what the next gives for, and everybody gives their own."""
        for number, loop in enumerate(self.result["loops"], start=1):
            gives = Counter([move[0] for move in loop["moves"]] + [payment[1] for payment in loop["payments"]])
            takes = Counter([move[3] for move in loop["moves"]] + [payment[0] for payment in loop["payments"]])
            if gives != takes or not loop["moves"]:
                self.say(f"Loop {number} does not close.")
            for item, giver, receiver, paid in loop["moves"]:
                if item not in self.items or self.items[item]["owner"] != giver:
                    self.say(f"{item} is not {giver}'s to give.")
                source = self.items.get(paid) or self.bids.get(paid)
                if source is None or source["owner"] != receiver:
                    self.say(f"{paid} is not {receiver}'s to give for {item}.")
        for key, times in Counter([move[0] for move in self.moves] + [payment[1] for payment in self.payments]).items():
            if times > 1:
                self.say(f"{key} is given {times} times.")

    def check_counts(self) -> None:
        traders = {move[1] for move in self.moves}
        expected = {
            "items": len(self.items),
            "items_traded": len(self.moves),
            "users": len({row["owner"] for row in self.items.values()}),
            "users_trading": len(traders),
        }
        for name, value in expected.items():
            if self.result[name] != value:
                self.say(f"{name} says {self.result[name]}, counted are {value}.")
        for level, value in self.result["value"].items():
            bound, proven = self.result["bound"][level], self.result["proven"][level]
            if proven and bound != value:
                self.say(f"The level {level} claims a proof, but its bound {bound} is not its value {value}.")
        for level, count in (("items", len(self.moves)), ("people", len(traders))):
            if self.result["value"].get(level, count) != count:
                self.say(f"The level {level} says {self.result['value'][level]}, counted are {count}.")

    def may(self, receiver: str, item: Mapping[str, Any]) -> bool:
        giver = item["owner"]
        mine, theirs = self.rules.get(receiver, {}), self.rules.get(giver, {})
        if giver == receiver or giver in mine.get("avoids", ()) or receiver in theirs.get("avoids", ()):
            return False
        return not set(mine.get("refuses", ())) & set(item["labels"])

    def check_wishes(self) -> int:
        """Sends each hand-over through its wish, group by group; the least total cost. Caps count over all of them."""
        used: Counter[str] = Counter()
        total = 0
        demands = defaultdict(list)
        for item, _, receiver, paid in self.moves:
            paths = self.paths(paid, item, receiver)
            if not paths:
                self.say(f"Nothing says that {receiver} takes {item} for {paid}.")
            else:
                demands[receiver].append(paths)
        for paths_of_moves in demands.values():
            cost = self.route(sorted(paths_of_moves, key=len), used)
            if cost is None:
                self.say("A group or pool passes on more than its cap.")
            else:
                total += cost
        return total

    def route(self, moves: list[list[tuple[int, tuple[str, ...]]]], used: Counter[str]) -> int | None:
        """Cheapest choice of one path a move within the caps; a person's moves are few and mostly have one path."""
        if not moves:
            return 0
        best = None
        for cost, path in sorted(moves[0]):
            if all(used[key] < self.shared[key]["cap"] for key in path):
                used.update(path)
                rest = self.route(moves[1:], used)
                used.subtract(path)
                if rest is not None and (best is None or cost + rest < best):
                    best = cost + rest
                if best is not None and len(moves[0]) > 8:
                    break
        return best

    def paths(self, paid: str, item: str, receiver: str) -> list[tuple[int, tuple[str, ...]]]:
        """(cost, groups and pools passed) of every way from what is given to what is taken."""
        if not self.may(receiver, self.items[item]):
            return []
        start = self.items.get(paid) or self.bids[paid]
        found: list[tuple[int, tuple[str, ...]]] = []
        front: list[tuple[int, str, tuple[str, ...]]] = [(cost, target, ()) for target, cost in start["wants"]]
        front += [(0, pool, ()) for pool in self.pools.get(paid, ())]
        while front:
            cost, target, path = front.pop()
            if target == item:
                found.append((cost, path))
            elif target in self.shared and target not in path and self.shared[target]["owner"] == receiver:
                front += [(cost + more, to, (*path, target)) for to, more in self.shared[target]["wants"]]
        return found

    def check_cash(self) -> None:
        spent: Counter[str] = Counter()
        for item, bid, payer, payee, amount in self.payments:
            asked, offered = self.items.get(item), self.bids.get(bid)
            if asked is None or offered is None or asked["owner"] != payee or offered["owner"] != payer:
                self.say(f"The payment for {item} names the wrong people.")
            elif asked["ask"] is None or amount != asked["ask"] or amount > offered["amount"]:
                self.say(f"The payment for {item} is not the ask, or more than the bid.")
            spent[payer] += amount
        for person, amount in spent.items():
            budget = self.rules.get(person, {}).get("budget")
            if budget is not None and amount > budget:
                self.say(f"{person} spends {amount}, more than the budget of {budget}.")

    def check_prices(self, cost: int) -> None:
        certificate = self.result["certificate"]
        prices, weight = certificate["prices"], certificate["weight"]
        copies = self.copies()
        if set(prices) != {name for names in copies.values() for name in names}:
            self.say("The prices do not name exactly the items, groups, pools and bids.")
            return
        for key, names in copies.items():
            stay = weight if key in self.items else 0
            for name in names:
                u, v = prices[name]
                if u + v > stay:
                    self.say(f"The prices of {name} add up to more than {stay}.")
                for fare, other in self.arcs(key):
                    for target in copies[other]:
                        if u + prices[target][1] > fare:
                            self.say(f"The prices of {name} and {target} add up to more than {fare}.")
        dual = sum(u + v for u, v in prices.values())
        primal = cost + weight * (len(self.items) - len(self.moves)) + self.ask_costs()
        if dual != primal:
            self.say(f"The prices prove {dual}, the result costs {primal}.")
        if self.result["priority_cost"] != cost + self.ask_costs():
            self.say(f"priority_cost says {self.result['priority_cost']}, counted are {cost + self.ask_costs()}.")
        self.check_weight(weight)

    def check_weight(self, weight: int) -> None:
        """A weight above all costs together makes one more item worth any cost."""
        given = self.problem["nontrade_cost"]
        if given is not None and weight != given:
            self.say("The weight is not the one the problem states.")
        lists = [*self.items.values(), *self.bids.values()]
        lists += [row for row in self.shared.values() for _ in range(row["cap"])]
        most = sum(max((cost for _, cost in row["wants"]), default=0) for row in lists)
        if given is None and weight <= most:
            self.say("The weight is too small: a cost could outweigh an item.")

    def ask_costs(self) -> int:
        return sum(self.items[payment[0]]["ask_cost"] for payment in self.payments)

    def copies(self) -> dict[str, list[str]]:
        found = {key: [key] for key in [*self.items, *self.bids]}
        for key, row in self.shared.items():
            found[key] = [key] if row["cap"] == 1 else [f"{key} #{copy}" for copy in range(1, row["cap"] + 1)]
        return found

    def arcs(self, key: str) -> list[tuple[int, str]]:
        """(cost, what is taken) of each wish of one list, cash among them."""
        row = self.items.get(key) or self.bids.get(key) or self.shared[key]
        found = [
            (cost, target)
            for target, cost in row["wants"]
            if target != key and (target not in self.items or self.may(row["owner"], self.items[target]))
        ]
        found += [(0, pool) for pool in self.pools.get(key, ())]
        if self.items.get(key, {}).get("ask") is not None:
            for bid in self.bids.values():
                apart = not self.may(row["owner"], {"owner": bid["owner"], "labels": ()})
                if bid["amount"] >= row["ask"] and not apart:
                    found.append((row["ask_cost"], bid["key"]))
        return found


def main() -> int:
    """0 when the result is right, 1 with a sentence for each fault."""
    problem, result = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
    faults = faults_in(problem, result)
    sys.stdout.write("\n".join(faults[:50] or ["The result is right."]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
