"""`swapmeet trade`: solve want lists, and check a result without us."""

import gc
import json
import sys
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import click

from swapmeet.trades.matching.jsonform import problem_from_json, problem_to_json, result_to_json
from swapmeet.trades.matching.listing import FormatError
from swapmeet.trades.matching.model import (
    STAY_NO_LOOP,
    STAY_NO_WISH,
    STAY_OTHERS,
    STAY_TIED,
    STAY_UNWANTED,
    USUAL,
    Faulty,
    Goal,
    Level,
    Options,
    Problem,
    Published,
    Result,
    TooLarge,
)

REASONS = {
    STAY_NO_WISH: "Its owner wants nothing for it.",
    STAY_UNWANTED: "Nobody wants it.",
    STAY_NO_LOOP: "It is wanted, but no loop closes.",
    STAY_TIED: "It trades in another result that is just as good.",
    STAY_OTHERS: "It could trade only at the cost of others: {loss} fewer things would trade.",
}


@click.group()
@click.pass_context
def trade_group(context: click.Context) -> None:
    """Find the best multi-way trades in want lists, and check results."""
    if (
        gc.isenabled()
    ):  # the lists stay until the end and hold no circles: looking through them again and again only costs
        gc.disable()
        context.call_on_close(gc.enable)


@trade_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--goal", type=click.Choice([goal.value for goal in Goal]), default="items", help="What comes first.")
@click.option(
    "--only",
    type=click.Choice(["items", "people"]),
    help="Stop after items and priorities, or after people: faster, still proven.",
)
@click.option("--cash", is_flag=True, help="Let asks, bids and spending limits take part.")
@click.option("--ignore-priorities", is_flag=True, help="Read the lists as if nobody had ranked anything.")
@click.option(
    "--time-limit", type=click.FloatRange(1, 3600), default=120.0, show_default=True, help="Seconds for a search."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--max-loop", type=click.IntRange(2), help="No loop has more hand-overs (and payments) than this.")
@click.option("--even", is_flag=True, help="After people: spread the things received as evenly as possible.")
@click.option("--few-partners", is_flag=True, help="After people: as few people as possible have to meet.")
@click.option(
    "--keep",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A published result: give as many things as possible to the same people again.",
)
def solve(
    file: Path,
    as_json: bool,
    goal: str,
    only: str | None,
    cash: bool,
    ignore_priorities: bool,
    time_limit: float,
    seed: int,
    max_loop: int | None,
    even: bool,
    few_partners: bool,
    keep: Path | None,
) -> None:
    """Solve the want lists in FILE (traders' text or our JSON)."""
    from swapmeet.trades.matching import solve as find

    levels = {"items": frozenset({Level.ITEMS, Level.COST}), "people": USUAL - {Level.LOOPS}}.get(only or "", USUAL)
    levels |= {level for level, is_asked in ((Level.EVEN, even), (Level.PARTNERS, few_partners)) if is_asked}
    problem = _read(file, ignore_priorities=ignore_priorities)
    published = None if keep is None else _published(keep, problem)
    options = Options(Goal(goal), cash, max_loop, levels, published, time_limit, seed)
    try:
        result = find(problem, options)
    except (Faulty, TooLarge) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(result_to_json(result), ensure_ascii=False))
    else:
        _print(problem, result)


@trade_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ignore-priorities", is_flag=True, help="As the lists were solved.")
@click.option(
    "--kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The published result that RESULT was to keep (solve --keep).",
)
def verify(file: Path, result: Path, ignore_priorities: bool, kept: Path | None) -> None:
    """Check RESULT against the want lists in FILE: ours (from `solve --json`), or anybody's traders' text (TRADE LOOPS ...)."""
    from swapmeet.trades.matching import verify as faults_in

    problem = _read(file, ignore_priorities=ignore_priorities)
    found = _read_result(result, problem)
    faults = faults_in(problem_to_json(problem), found, None if kept is None else _read_result(kept, problem))
    for fault in faults[:50]:
        click.echo(fault.encode("utf-8", "replace").decode())  # a file may hold half a character
    if faults:
        sys.exit(1)
    click.echo("The result is right.")
    if not found["proven"]:
        click.echo(f"{found['items_traded']} things trade. Whether more could, this text does not say.")


def _published(file: Path, problem: Problem) -> Published:
    from swapmeet.trades.matching.jsonform import published_from_json

    try:
        return published_from_json(_read_result(file, problem))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise click.ClickException(f"{file.name} holds no result: {error}") from error


def _read_result(file: Path, problem: Problem) -> dict[str, Any]:
    from swapmeet.trades.matching.textresult import result_from_text

    data = file.read_bytes().removeprefix(BOM_UTF8)
    try:
        if data.lstrip()[:1] != b"{":
            return result_from_text(data, problem)
        found: dict[str, Any] = json.loads(data)
        return found
    except FormatError as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from error


@trade_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
@click.option("--ignore-priorities", is_flag=True)
def convert(file: Path, form: str, ignore_priorities: bool) -> None:
    """Print the want lists in FILE as our JSON, or as the traders' text, for any program to read."""
    from swapmeet.trades.matching.writing import NotWritable, problem_to_text

    problem = _read(file, ignore_priorities=ignore_priorities)
    if form == "json":
        click.echo(json.dumps(problem_to_json(problem), ensure_ascii=False))
        return
    try:
        click.echo(problem_to_text(problem), nl=False)
    except NotWritable as error:
        raise click.ClickException(str(error)) from error


@trade_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("item")
@click.option("--wish", "wishes", multiple=True, help="Try only these further wishes; else all that would help.")
def explain(file: Path, item: str, wishes: tuple[str, ...]) -> None:
    """Say why ITEM stays, and which one more wish would make more things trade."""
    from swapmeet.trades.matching import explain_stays, explain_wishes
    from swapmeet.trades.matching import solve as find

    problem = _read(file, ignore_priorities=False)
    known = {row.key for row in problem.items}
    for key in (item, *wishes):
        if key not in known:
            raise click.ClickException(f"{key} is not an item of this list.")
    try:
        result = find(problem, Options(levels=frozenset({Level.ITEMS, Level.COST})))
    except (Faulty, TooLarge) as error:
        raise click.ClickException(str(error)) from error
    stays = explain_stays(problem, result, [item])
    click.echo(REASONS[stays[0].reason].format(loss=stays[0].loss) if stays else f"{item} trades.")
    for gain in explain_wishes(problem, result, item, wishes or None):
        click.echo(f"With a wish for {gain.target}: {gain.gain} more would trade.")


def _read(file: Path, *, ignore_priorities: bool) -> Problem:
    from swapmeet.trades.matching.reading import read_problem

    data = file.read_bytes().removeprefix(BOM_UTF8)
    try:
        if data.lstrip()[:1] == b"{":
            return problem_from_json(json.loads(data))
        reading = read_problem(data, ignore_priorities=ignore_priorities)
    except FormatError as error:
        raise click.ClickException(str(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise click.ClickException(f"{file.name} cannot be read: {error}") from error
    for message in reading.messages[:20]:
        click.echo(str(message), err=True)
    if len(reading.messages) > 20:
        click.echo(f"... and {len(reading.messages) - 20} more lines like these.", err=True)
    return reading.problem


def _print(problem: Problem, result: Result) -> None:
    from swapmeet.trades.matching.textresult import result_to_text

    click.echo(result_to_text(problem, result))
    for report in result.levels:
        said = (
            "proven" if report.proven else "not proven" if report.bound is None else f"not proven, bound {report.bound}"
        )
        click.echo(f"{report.level.value}: {report.value} ({said})")
    click.echo(f"input {result.input_hash}\nresult {result.result_hash}\nseed {result.seed}")
