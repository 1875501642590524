"""`swapmeet routes`: every address, its methods, endpoint and access rule."""

import json
from typing import Any

import click
from flask import Flask

from swapmeet.cli.context import bare_app
from swapmeet.web.access import rule_of


def list_routes(app: Flask) -> list[dict[str, Any]]:
    """Sorted by address. Rules of the account library's views come from accounts; a view without a rule says "none"."""
    foreign: dict[str, str] = app.extensions["swapmeet_foreign_rules"]
    rows = []
    for rule in app.url_map.iter_rules():
        own = rule_of(app.view_functions[rule.endpoint])
        access = own.words() if own else "public" if rule.endpoint == "static" else foreign.get(rule.endpoint, "none")
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        rows.append({"address": rule.rule, "methods": methods, "endpoint": rule.endpoint, "access": access})
    return sorted(rows, key=lambda row: (row["address"], row["methods"]))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def routes(as_json: bool) -> None:
    """List every address and who may call it."""
    with bare_app() as app:
        rows = list_routes(app)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{' '.join(row['methods']):12} {row['address']}  [{row['access']}]")
