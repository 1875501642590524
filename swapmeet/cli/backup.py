"""`swapmeet backup` and `swapmeet restore`."""

import sys
from pathlib import Path

import click

from swapmeet.cli.context import command_app, load_settings
from swapmeet.infra.backup import BackupError, restore_backup, write_backup
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import open_store, store


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path) -> None:
    """Copy database and files into TARGET (.tar.gz), while the application runs."""
    with command_app() as app:
        settings = app.extensions["swapmeet_settings"]
        try:
            manifest = write_backup(db.engine, store(), settings, target, now=utcnow())
        except BackupError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
    click.echo(
        f"{target}: {sum(manifest['rows'].values())} rows, {len(manifest['files'])} files, as of {manifest['made_at']}"
    )
    for key in manifest["gone"]:
        click.echo(f"not in the store any more: {key}", err=True)


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(source: Path) -> None:
    """Restore a backup into the (empty) place that the settings name, and compare it with the backup's own figures."""
    settings = load_settings()
    try:
        different = restore_backup(settings, open_store(settings), source)
    except BackupError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for sentence in different:
        click.echo(sentence, err=True)
    click.echo(
        "Restored, but it differs from the backup."
        if different
        else "Restored: rows, ledger sums and files are those of the backup."
    )
    sys.exit(1 if different else 0)
