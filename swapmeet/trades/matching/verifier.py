"""Checks a result against its problem. Standard library only; shares no code with the solver, so that it cannot share a mistake.

    python verifier.py problem.json result.json [published.json]

Each hand-over must be wished for, each item move at most once, groups and pools stay within their caps, limits and budgets hold,
loops close. Where the result carries prices, additions prove that nothing is better: for each vertex a pair (u, v), with
u(receiver) + v(sender) <= cost on every wish, where staying costs `weight` for an item and 0 for anything else. Then no result
can cost less than the sum of all u and v; this one costs exactly that.

Where limits or budgets bind, each has a price of 0 or more: a wish that counts for it costs so much more, and what the rule allows at
that price is taken off the sum. All prices are then whole multiples of 1/`scale`.

`published.json` is an earlier result that this one was to keep as far as it can: then it is counted how much it keeps.

Time is about linear in the wishes. Only where several hand-overs of one person want through the same full group is there more to
do: then the cheapest way to share the groups is found by augmenting paths. Where groups or pools lie behind each other, what one
person gives may there change places with other things that the same person gives; each pair alone must be wished for all the same.
"""

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

Data = Mapping[str, Any]
Way = tuple[int, tuple[str, ...]]  # cost, and the groups and pools on the way
Name = tuple[Any, ...]  # of a vertex of a flow


def faults_in(problem: Data, result: Data, published: Data | None = None) -> list[str]:
    """Sentences; empty when the result is right. All objects as the solver writes them."""
    try:
        return _Check(problem, result, published).run()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return [f"The file has not the form it should have ({type(error).__name__}: {error})."]


def _hash_of(data: Any) -> str:
    """SHA-256 over the compact JSON with sorted names."""
    compact = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(compact.encode("utf-8", "surrogatepass")).hexdigest()


class _Check:
    def __init__(self, problem: Data, result: Data, published: Data | None) -> None:
        self.problem, self.result, self.published = problem, result, published
        self.faults: list[str] = []
        self.is_below = False  # costs are counted as if things of one person changed places, which makes loops longer
        self.items = {row["key"]: row for row in problem["items"]}
        self.bids = {row["key"]: row for row in problem["bids"]} if result["cash"] else {}
        self.bundles = {row["key"]: row for row in problem.get("bundles", ())}
        self.lists = {**self.bundles, **self.bids, **self.items}  # what is given for something
        self.shared = {row["key"]: row for row in [*problem["groups"], *problem["pools"]]}
        self.pools: dict[str, list[str]] = defaultdict(list)
        for row in problem["pools"]:
            for key in row["items"]:
                self.pools[key].append(row["key"])
        self.rules = {row["key"]: row for row in problem["people"]}
        self.tolls: defaultdict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)  # owner -> (price, things)
        self.moves = [move for loop in result["loops"] for move in loop["moves"]]
        self.payments = [payment for loop in result["loops"] for payment in loop["payments"]]

    def run(self) -> list[str]:
        self.check_hash()
        self.check_loops()
        self.check_counts()
        self.check_limits()
        if not self.faults:
            cost = self.check_wishes() + sum(self.items[payment[0]]["ask_cost"] for payment in self.payments)
            self.check_cash()
            if not self.faults:
                self.check_cost(cost)
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
            pairs = [(move[0], move[3]) for move in loop["moves"]] + [(pay[1], pay[0]) for pay in loop["payments"]]
            if not loop["moves"] or not self.closes(pairs):
                self.say(f"Loop {number} does not close.")
            most = self.result.get("max_loop")
            if most is not None and len(pairs) > most:
                self.say(f"Loop {number} has {len(pairs)} hand-overs, more than {most}.")
            for item, giver, receiver, paid in loop["moves"]:
                if item not in self.items or self.items[item]["owner"] != giver:
                    self.say(f"{item} is not {giver}'s to give.")
                source = self.lists.get(paid)
                if source is None or source["owner"] != receiver:
                    self.say(f"{paid} is not {receiver}'s to give for {item}.")
                if giver == receiver:
                    self.say(f"{giver} gives {item} to nobody else.")
        for key, times in Counter([move[0] for move in self.moves] + [payment[1] for payment in self.payments]).items():
            if times > 1:
                self.say(f"{key} is given {times} times.")

    def closes(self, pairs: list[tuple[str, str]]) -> bool:
        """True when hand-overs depend on each other all together: each thing is given for one that comes.

        A bundle that receives gives all its things and receives as many as it says; its things bring nothing by themselves.
        """
        received = Counter(paid for _, paid in pairs)
        on = [self.bundles[key] for key in received if key in self.bundles]
        paid_by = Counter({key: 1 for key in received if key not in self.bundles})
        if any(received[key] != 1 for key in paid_by):
            return False
        for bundle in on:
            paid_by.update(bundle["items"])
            if received[bundle["key"]] != bundle["receives"]:
                return False
        if paid_by != Counter(key for key, _ in pairs):
            return False
        slot = {key: bundle["key"] for bundle in on for key in bundle["items"]}
        return _is_connected([(slot.get(key, key), paid) for key, paid in pairs])

    def check_counts(self) -> None:
        traders = {move[1] for move in self.moves}
        users = len({row["owner"] for row in self.items.values()})
        expected = {"items": len(self.items), "items_traded": len(self.moves), "users": users}
        expected["users_trading"] = len(traders)
        for name, value in expected.items():
            if self.result[name] != value:
                self.say(f"{name} says {self.result[name]}, counted are {value}.")
        counted = self.counted(len(traders))
        for level, value in self.result["value"].items():
            bound, proven = self.result["bound"][level], self.result["proven"][level]
            if proven and bound != value:
                self.say(f"The level {level} claims a proof, but its bound {bound} is not its value {value}.")
            if level in counted and value != counted[level]:
                self.say(f"The level {level} says {value}, counted are {counted[level]}.")

    def counted(self, traders: int) -> dict[str, int]:
        """The values of the levels; without the published result nobody can tell what was kept of it."""
        sizes = [len(loop["moves"]) + len(loop["payments"]) for loop in self.result["loops"]]
        received = Counter(move[2] for move in self.moves)
        meetings = {frozenset(move[1:3]) for move in self.moves} | {frozenset(pay[2:4]) for pay in self.payments}
        counted = {
            "items": len(self.moves),
            "cost": self.result["priority_cost"],
            "people": traders,
            "even": sum(count * count for count in received.values()),
            "partners": len(meetings),
            "loops": sum(size * size for size in sizes),
        }
        if self.published is not None:
            if self.published["result_hash"] != self.result["keeps"]:
                self.say("The result was to keep another one than the one published.")
            known = {(move[0], move[2]) for loop in self.published["loops"] for move in loop["moves"]}
            counted["kept"] = sum((move[0], move[2]) in known for move in self.moves)
        return counted

    def check_limits(self) -> None:
        """How many of some items come to a person, or go, over whichever lists."""
        came, went = defaultdict(list), defaultdict(list)
        for item, giver, receiver, _ in self.moves:
            came[receiver].append(item)
            went[giver].append(item)
        for row in self.problem["limits"]:
            members = set(row["items"])
            count = sum(item in members for item in (went if row["gives"] else came)[row["owner"]])
            verb = "gives" if row["gives"] else "receives"
            if count > row["most"]:
                self.say(f"{row['owner']} {verb} {count} of the {row['most']} that {row['key']} allows.")

    def check_wishes(self) -> int:
        """Finds a wish for each hand-over so that groups and pools stay within their caps; the least total cost of that."""
        ways_of: dict[str, list[tuple[str, str, list[Way]]]] = defaultdict(list)
        for item, _, receiver, paid in self.moves:
            ways = self.ways(paid, item, receiver)
            if ways:
                ways_of[receiver].append((paid, item, ways))
            else:
                self.say(f"Nothing says that {receiver} takes {item} for {paid}.")
        total = 0
        for receiver, moves in ways_of.items():
            cost = self.share(moves)
            if cost is None:
                self.say(f"A group or pool of {receiver} passes on more than its cap.")
            else:
                total += cost
        return total

    def may(self, receiver: str, item: Mapping[str, Any]) -> bool:
        giver = item["owner"]
        if giver == receiver:
            return False
        if not self.rules:
            return True
        mine, theirs = self.rules.get(receiver, {}), self.rules.get(giver, {})
        if giver in mine.get("avoids", ()) or receiver in theirs.get("avoids", ()):
            return False
        return not set(mine.get("refuses", ())) & set(item["labels"])

    def steps(self, key: str) -> Iterator[tuple[str, int]]:
        """(what can be passed to, cost) from an item, bid, group or pool: its wishes and, for an item, its pools."""
        yield from (self.lists.get(key) or self.shared[key])["wants"]
        for pool in self.pools.get(key, ()):
            yield pool, 0

    def ways(self, paid: str, item: str, receiver: str) -> list[Way]:
        """Ways from what is given to what is taken, cheapest first: for each last group on the way, the cheapest one."""
        if not self.may(receiver, self.items[item]):
            return []
        found: dict[str, Way] = {}
        done: set[str] = set()
        front: list[tuple[int, tuple[str, ...], str]] = [(0, (), paid)]
        while front:
            cost, path, key = heappop(front)
            if key in done:
                continue
            done.add(key)
            for target, more in self.steps(key):
                if target == item:
                    found[key] = min(found.get(key, (cost + more, path)), (cost + more, path))
                elif target in self.shared and target not in done and self.shared[target]["owner"] == receiver:
                    heappush(front, (cost + more, (*path, target), target))
        return sorted(found.values())

    def share(self, moves: list[tuple[str, str, list[Way]]]) -> int | None:
        """Least cost of one person's hand-overs within the caps, None when they do not fit."""
        used = Counter(key for _, _, ways in moves for key in ways[0][1])
        if all(count <= self.shared[key]["cap"] for key, count in used.items()):
            return sum(ways[0][0] for _, _, ways in moves)
        if all(len(path) < 2 for _, _, ways in moves for _, path in ways):
            return _cheapest_flow(self.flow_of_pairs(moves), len(moves))
        return _cheapest_flow(self.flow_of_lists(moves), len(moves))

    def flow_of_pairs(self, moves: list[tuple[str, str, list[Way]]]) -> "_Flow":
        """Each hand-over goes straight or through one group, which has room for so many."""
        flow = _Flow()
        for number, (_, _, ways) in enumerate(moves):
            flow.add(_START, ("give", number), 1, 0)
            for cost, path in ways:
                flow.add(("give", number), ("pass", path[0]) if path else _END, 1, cost)
        for key in {key for _, _, ways in moves for _, path in ways for key in path}:
            flow.add(("pass", key), _END, self.shared[key]["cap"], 0)
        return flow

    def flow_of_lists(self, moves: list[tuple[str, str, list[Way]]]) -> "_Flow":
        """Everything this person gives flows along the wishes to everything the person takes."""
        flow = _Flow()
        self.is_below |= self.result.get("max_loop") is not None
        taken = {item for _, item, _ in moves}
        front = [paid for paid, _, _ in moves]
        owner = self.lists[front[0]]["owner"]
        seen: set[str] = set()
        for key in front:
            flow.add(_START, ("out", key), 1, 0)
        for key in taken:
            flow.add(("in", key), _END, 1, 0)
        while front:
            key = front.pop()
            if key in seen:
                continue
            seen.add(key)
            if key in self.shared:
                flow.add(("in", key), ("out", key), self.shared[key]["cap"], 0)
            for target, cost in self.steps(key):
                if target in taken and self.may(owner, self.items[target]):
                    flow.add(("out", key), ("in", target), 1, cost)
                elif target in self.shared and self.shared[target]["owner"] == owner:
                    flow.add(("out", key), ("in", target), self.shared[target]["cap"], cost)
                    front.append(target)
        return flow

    def check_cash(self) -> None:
        spent: Counter[str] = Counter()
        for item, bid, payer, payee, amount in self.payments:
            asked, offered = self.items.get(item), self.bids.get(bid)
            if asked is None or offered is None or asked["owner"] != payee or offered["owner"] != payer:
                self.say(f"The payment for {item} names the wrong people.")
            elif asked["ask"] is None or amount != asked["ask"] or amount > offered["amount"]:
                self.say(f"The payment for {item} is not the ask, or more than the bid.")
            elif not self.may(payer, {"owner": payee, "labels": ()}):
                self.say(f"{payer} and {payee} do not deal with each other.")
            spent[payer] += amount
        for person, amount in spent.items():
            budget = self.rules.get(person, {}).get("budget")
            if budget is not None and amount > budget:
                self.say(f"{person} spends {amount}, more than the budget of {budget}.")

    def check_cost(self, cost: int) -> None:
        """The stated cost is the one counted; a proof of it or of the items stands on prices, unless a rule couples lists."""
        stated, certificate = self.result["priority_cost"], self.result["certificate"]
        exact = certificate is not None or (self.result["proven"].get("cost") and not self.is_below)
        if stated is not None and (stated < cost or (exact and stated != cost)):
            self.say(f"priority_cost says {stated}, counted are {cost}.")
        budgets = self.bids and any(row["budget"] is not None for row in self.rules.values())
        coupled = self.problem["limits"] or budgets or self.bundles or self.result.get("max_loop") is not None
        claims = any(self.result["proven"].get(level) for level in ("items", "cost"))
        if claims and certificate is None and not coupled and self.result["goal"] == "items":
            self.say("The result claims a proof but carries no prices.")

    def check_prices(self, cost: int) -> None:
        certificate = self.result["certificate"]
        prices, weight, scale = certificate["prices"], certificate["weight"], certificate.get("scale", 1)
        rules = {**certificate.get("limits", {}), **certificate.get("budgets", {})}
        copies = self.copies()
        if set(prices) != {name for names in copies.values() for name in names}:
            return self.say("The prices do not name exactly the items, groups, pools and bids.")
        numbers = [weight, scale, *rules.values(), *(price for pair in prices.values() for price in pair)]
        is_whole = all(type(number) is int for number in numbers)
        if not is_whole or min(scale - 1, *rules.values(), 0) < 0:
            return self.say("A price of a rule is below 0." if is_whole else "The prices are not whole numbers.")
        room = self.room()
        most = 0  # what all wishes together could cost
        highest_v = {key: max(prices[name][1] for name in names) for key, names in copies.items()}
        for key, names in copies.items():
            stay = scale * weight if key in self.items else 0
            for name in names:
                if sum(prices[name]) > stay:
                    self.say(f"The prices of {name} add up to more than {stay}.")
            u, dearest = max(prices[name][0] for name in names), 0
            for target, fare in self.arcs(key).items():
                dearest = max(dearest, fare)
                allowed = scale * fare + (self.toll(key, target) if rules else 0)
                if u + highest_v[target] > allowed:
                    self.say(f"The prices of {key} and {target} add up to more than {allowed}.")
            most += dearest * len(names)
        dual = sum(u + v for u, v in prices.values()) - room
        primal = cost + weight * (len(self.items) - len(self.moves))
        if not 0 <= scale * primal - dual < scale:  # costs are whole, so the next lower one is a whole scale away
            self.say(f"The prices prove {dual}, the result costs {scale * primal}.")
        self.check_weight(weight, most)

    def toll(self, key: str, target: str) -> int:
        """What the prices of limits and budgets add to one wish."""
        tolls = self.tolls[(self.lists.get(key) or self.shared[key])["owner"]]
        found = sum(price for price, members in tolls if target in members)
        if target in self.bids:
            price = self.result["certificate"].get("budgets", {}).get(self.bids[target]["owner"], 0)
            found += price * self.items[key]["ask"] if price else 0
        return found

    def room(self) -> int:
        """What all that rules allow is worth at their prices. Notes which wishes they make dearer."""
        certificate, room = self.result["certificate"], 0
        limits = {row["key"]: row for row in self.problem["limits"]}
        for key, price in certificate.get("limits", {}).items():
            row = limits[key]
            if row["gives"]:
                raise ValueError("a limit on what is given has no price")
            self.tolls[row["owner"]].append((price, frozenset(row["items"])))
            room += price * row["most"]
        for person, price in certificate.get("budgets", {}).items():
            room += price * self.rules[person]["budget"]
        return room

    def check_weight(self, weight: int, most: int) -> None:
        """A weight above all costs together makes one more item worth any cost."""
        given = self.problem["nontrade_cost"]
        if given is not None and weight != given:
            self.say("The weight is not the one the problem states.")
        if given is None and weight <= most:
            self.say("The weight is too small: a cost could outweigh an item.")

    def copies(self) -> dict[str, list[str]]:
        found = {key: [key] for key in [*self.items, *self.bids]}
        for key, row in self.shared.items():
            found[key] = [key] if row["cap"] == 1 else [f"{key} #{copy}" for copy in range(1, row["cap"] + 1)]
        return found

    def arcs(self, key: str) -> dict[str, int]:
        """What one list may take, cash among it, with its least cost."""
        row = self.lists.get(key) or self.shared[key]
        owner, found = row["owner"], dict[str, int]()
        for target, cost in self.steps(key):
            item = self.items.get(target)
            if target != key and (item is None or self.may(owner, item)):
                found[target] = min(cost, found.get(target, cost))
        if key in self.items and row["ask"] is not None:
            for bid in self.bids.values():
                if bid["amount"] >= row["ask"] and self.may(owner, {"owner": bid["owner"], "labels": ()}):
                    found[bid["key"]] = row["ask_cost"]
        return found


def _is_connected(edges: list[tuple[str, str]]) -> bool:
    """True when every end is reached from every other, along edges in either direction."""
    near: dict[str, list[str]] = defaultdict(list)
    for one, other in edges:
        near[one].append(other)
        near[other].append(one)
    front, seen = [edges[0][0]], {edges[0][0]}
    while front:
        new = set(near[front.pop()]) - seen
        seen |= new
        front += new
    return len(seen) == len(near)


_START, _END = ("start",), ("end",)


class _Flow:
    """A network where so much may flow along each arc at such a cost. Arcs come in pairs: `a ^ 1` is `a` backwards."""

    def __init__(self) -> None:
        self.number: dict[Name, int] = {}
        self.out: list[list[int]] = []
        self.head: list[int] = []
        self.room: list[int] = []
        self.cost: list[int] = []

    def at(self, name: Name) -> int:
        if name not in self.number:
            self.number[name] = len(self.out)
            self.out.append([])
        return self.number[name]

    def add(self, tail: Name, head: Name, room: int, cost: int) -> None:
        start, end = self.at(tail), self.at(head)
        self.out[start].append(len(self.head))
        self.out[end].append(len(self.head) + 1)
        self.head += [end, start]
        self.room += [room, 0]
        self.cost += [cost, -cost]

    def distances(self, price: list[int]) -> list[int | None]:
        """From the start along arcs with room, by cost less the difference in price, which is never below 0 (Dijkstra)."""
        found: list[int | None] = [None] * len(self.out)
        front = [(0, self.at(_START))]
        while front:
            far, vertex = heappop(front)
            if found[vertex] is not None:
                continue
            found[vertex] = far
            for arc in self.out[vertex]:
                if self.room[arc] and found[self.head[arc]] is None:
                    step = self.cost[arc] + price[vertex] - price[self.head[arc]]
                    heappush(front, (far + step, self.head[arc]))
        return found

    def augment(self, price: list[int]) -> int:
        """Sends one unit at a time from start to end along arcs that cost nothing by the prices; how many went.

        May leave some for the next prices; sends one at least where a way exists.
        """
        sent, start, end = 0, self.at(_START), self.at(_END)
        tried = [0] * len(self.out)  # arcs of each vertex that lead nowhere
        path: list[int] = []
        on_path = {start}
        while True:
            vertex = self.head[path[-1]] if path else start
            if vertex == end:
                for arc in path:
                    self.room[arc] -= 1
                    self.room[arc ^ 1] += 1
                sent, path, on_path = sent + 1, [], {start}
            elif tried[vertex] < len(self.out[vertex]):
                arc = self.out[vertex][tried[vertex]]
                head = self.head[arc]
                if self.room[arc] and head not in on_path and self.cost[arc] + price[vertex] == price[head]:
                    path.append(arc)
                    on_path.add(head)
                else:
                    tried[vertex] += 1
            elif path:
                tried[self.head[path.pop() ^ 1]] += 1
            else:
                return sent


def _cheapest_flow(flow: _Flow, amount: int) -> int | None:
    """Least cost of so many units from start to end, None when fewer fit. Prices grow by distance (Ford and Fulkerson)."""
    price = [0] * len(flow.out)
    while amount:
        distances = flow.distances(price)
        end = distances[flow.at(_END)]
        if end is None:
            return None
        price = [old + (end if far is None else min(far, end)) for old, far in zip(price, distances, strict=True)]
        amount -= flow.augment(price)
    return sum(flow.room[arc ^ 1] * flow.cost[arc] for arc in range(0, len(flow.head), 2))


def main() -> int:
    """0 when the result is right, 1 with a sentence for each fault."""
    faults = faults_in(*(json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:4]))
    sys.stdout.write("\n".join(faults[:50] or ["The result is right."]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
