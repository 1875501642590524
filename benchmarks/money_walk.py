"""The random walk over money for as many steps as wanted. Run: python -m benchmarks.money_walk [steps] [seed]

Prints steps a second and what was done. A million steps take some hours on one core; any wrong book ends it with its step.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from swapmeet.factory import create_app
from swapmeet.infra.clock import FixedClock
from tests.orders.money_walk import Walk
from tests.support.databases import create_schema, make_settings

DEFAULT_STEPS = 10_000
ROUND = 20_000  # steps on one database: the next round begins with an empty one


def main(steps: int, seed: int) -> None:
    started, left = time.perf_counter(), steps
    total = 0
    while left > 0:
        part = min(left, ROUND)
        with tempfile.TemporaryDirectory(prefix="swapmeet-walk-") as folder:
            settings = make_settings(f"sqlite:///{folder}/walk.db", Path(folder))
            create_schema(settings)
            app = create_app(settings)
            app.extensions["swapmeet_clock"] = FixedClock(datetime(2026, 11, 25, 12, tzinfo=UTC))
            with app.app_context():
                walk = Walk(app, seed + total, look_every=2000)
                walk.run(part)
        left, total = left - part, total + part
        rate = total / (time.perf_counter() - started)
        print(f"{total:>9,} steps, {rate:,.0f} a second, every invariant held", flush=True)
    print(f"done: {sum(walk.done.values()):,} in the last round, refused by rules: {sum(walk.refused.values()):,}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_STEPS, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
