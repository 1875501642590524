"""The yardstick: the smallest Flask route on the same server. Run as a program it measures itself."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"


def main() -> int:
    from benchmarks.harness import Row, measure_yardstick, report

    report("Yardstick", [Row(f"hello world, run {number}", measure_yardstick()) for number in (1, 2, 3)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
