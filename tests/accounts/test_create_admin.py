"""`swapmeet create-admin`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from swapmeet.cli import people as command
from tests.accounts.people import OTHER, PASSWORD, find, is_signed_in, person, sign_in


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def same_app() -> Iterator[Flask]:
        with app.app_context():
            yield app

    monkeypatch.setattr(command, "command_app", same_app)
    return lambda *arguments, input=None: CliRunner().invoke(command.create_admin, list(arguments), input=input)


def test_a_new_admin_is_made_and_can_sign_in(run: Any, client: Any) -> None:
    result = run("Root@Example.org", "--name", "Rita Root", "--password-stdin", input=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    rita = find("root@example.org")
    assert rita.is_site_admin and rita.name == "Rita Root"
    assert sign_in(client, "root@example.org").status_code == 303


def test_a_person_who_is_here_already_becomes_admin_and_keeps_the_password(app: Flask, run: Any, client: Any) -> None:
    person(app, email="ann@example.org")
    assert run("ann@example.org", "--no-password").exit_code == 0
    assert run("ann@example.org", "--no-password").exit_code == 0
    assert find("ann@example.org").is_site_admin
    sign_in(client, "ann@example.org")
    assert is_signed_in(client)


def test_a_new_password_ends_the_sessions_of_the_old_one(app: Flask, run: Any, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    assert run("ann@example.org", input=f"{OTHER}\n{OTHER}\n").exit_code == 0
    assert not is_signed_in(client)
    assert sign_in(client, "ann@example.org", OTHER).status_code == 303


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("nonsense", PASSWORD, "Write an e-mail address"),
        ("a@example.org", "short", "at least 15"),
        ("a@example.org", "passwordpassword", "Many people use"),
    ],
)
def test_faults_are_told_and_nothing_is_made(run: Any, email: str, password: str, words: str) -> None:
    result = run(email, "--password-stdin", input=password + "\n")
    assert result.exit_code == 2
    assert words in result.output
    assert find("a@example.org") is None
