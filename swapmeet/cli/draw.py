"""`swapmeet verify-draw`: check a published draw with the standard library alone."""

import json
import sys
from pathlib import Path

import click

from swapmeet.vendor_tables.placing.drawing import faults_in


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commitment", metavar="HASH", help="The hash of the seed that you noted before the draw.")
@click.option("--entries-hash", metavar="HASH", help="The hash of all entries that you noted before the draw.")
def verify_draw(file: Path, commitment: str | None, entries_hash: str | None) -> None:
    """Check the published list FILE: the seed is the sealed one, the entries are the sealed ones, the order follows from both."""
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from error
    faults = faults_in(document, commitment=commitment, entries=entries_hash)
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo(f"The draw is right: {len(document['order'])} entries in the order that the sealed seed gives.")
