"""`swapmeet create-admin`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from swapmeet.cli import people as command
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
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


@pytest.mark.parametrize("how", [[], ["--password-stdin"]], ids=["asked", "stdin"])
def test_a_known_person_is_asked_for_no_password_and_stays_signed_in(
    app: Flask, run: Any, client: Any, how: list[str]
) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    result = run("Ann@Example.org", *how, input=f"{OTHER}\n{OTHER}\n")
    assert result.exit_code == 0, result.output
    assert "ann@example.org is site admin now." in result.output and "keeps its password" in result.output
    assert ("add --reset-password" in result.output) == bool(how)
    assert find("ann@example.org").is_site_admin and is_signed_in(client)
    assert sign_in(app.test_client(), "ann@example.org").status_code == 303
    assert "ann@example.org was site admin already." in run("ann@example.org").output


@pytest.mark.parametrize("how", [[], ["--password-stdin"]], ids=["asked", "stdin"])
def test_a_new_password_is_set_when_that_is_asked_for_and_ends_the_sessions(
    app: Flask, run: Any, client: Any, how: list[str]
) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    result = run("ann@example.org", "--reset-password", *how, input=f"{OTHER}\n{OTHER}\n")
    assert result.exit_code == 0, result.output
    assert "The password is the new one." in result.output and OTHER not in result.output
    assert not is_signed_in(client)
    assert sign_in(client, "ann@example.org", OTHER).status_code == 303
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "person.password_reset")).all()
    assert [(entry.actor_label, entry.subject_id) for entry in entries] == [
        ("create-admin", find("ann@example.org").id)
    ]


def test_a_bad_new_password_changes_nothing(app: Flask, run: Any, client: Any) -> None:
    person(app, email="ann@example.org")
    result = run("ann@example.org", "--reset-password", "--password-stdin", input="short\n")
    assert result.exit_code == 2 and "at least 15" in result.output
    assert not find("ann@example.org").is_site_admin
    assert sign_in(client, "ann@example.org").status_code == 303


def test_two_wishes_that_contradict_each_other_are_refused(run: Any) -> None:
    result = run("ann@example.org", "--reset-password", "--no-password")
    assert result.exit_code == 2 and "contradict" in result.output
    assert find("ann@example.org") is None


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
