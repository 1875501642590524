"""The `swapmeet` command. Each command loads when it is called, so help is instant and imports no framework."""

import gc
import importlib
import os

import click

# name -> (module, attribute, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("swapmeet.cli.serve", "run", "Start the web server and one worker."),
    "worker": ("swapmeet.cli.work", "worker", "Do jobs: mail, pictures, PDFs."),
    "db": ("swapmeet.cli.database", "db_group", "Create, migrate and check the database."),
    "create-admin": ("swapmeet.cli.people", "create_admin", "Make a person site admin, and the person if needed."),
    "demo": ("swapmeet.cli.demo", "demo", "Fill an empty database with sample shows."),
    "import-show": ("swapmeet.cli.shows", "import_show", "Import a show from a file."),
    "trade": ("swapmeet.cli.trade", "trade_group", "Solve want lists, and check results."),
    "verify-draw": ("swapmeet.cli.draw", "verify_draw", "Check the published list of a sealed draw."),
    "doctor": ("swapmeet.cli.doctor", "doctor", "Check everything that must always be true."),
    "backup": ("swapmeet.cli.backup", "backup", "Copy database and files, while running."),
    "restore": ("swapmeet.cli.backup", "restore", "Restore a backup into a new place."),
    "routes": ("swapmeet.cli.routes", "routes", "List every address and who may call it."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        gc.disable()  # what is loaded stays: looking through it for garbage takes an eighth of the time
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        finally:
            gc.enable()
            gc.set_threshold(20_000, 20, 20)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="swapmeet")
def main() -> None:
    """Swapmeet runs hobby conventions and swap meets."""
    os.umask(0o077)  # the database, mails and files are for this user alone
