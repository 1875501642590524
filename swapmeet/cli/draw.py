"""`swapmeet verify-draw`: check a published draw, of an order or of an exchange, with the standard library alone."""

import json
import sys
from pathlib import Path

import click

from swapmeet.trades.exchanges import drawing as exchanges
from swapmeet.vendor_tables.placing.drawing import faults_in


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commitment", metavar="HASH", help="The hash of the seed that you noted before the draw.")
@click.option("--entries-hash", metavar="HASH", help="The hash of all entries that you noted before the draw.")
def verify_draw(file: Path, commitment: str | None, entries_hash: str | None) -> None:
    """Check the published draw FILE, of an order or of an exchange: the seed is the sealed one, and the rest follows from it."""
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from error
    is_exchange = isinstance(document, dict) and document.get("format") == exchanges.FORMAT
    if is_exchange and entries_hash is not None:
        raise click.UsageError("An exchange seals its seed alone; it has no hash of entries.")
    faults = (
        exchanges.faults_in(document, commitment=commitment)
        if is_exchange
        else faults_in(document, commitment=commitment, entries=entries_hash)
    )
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    if is_exchange:
        click.echo(f"The draw is right: {len(document['moves'])} pieces go where the sealed seed sends them.")
    else:
        click.echo(f"The draw is right: {len(document['order'])} entries in the order that the sealed seed gives.")
