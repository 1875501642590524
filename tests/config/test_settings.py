"""Settings: every fault at once, test handles refused in production, no secret needed to try it out."""

from pathlib import Path

import pytest

from swapmeet.config import VARIABLES, Settings, SettingsError

GOOD = {
    "SWAPMEET_ENV": "production",
    "SWAPMEET_SECRET_KEY": "k" * 40,
    "SWAPMEET_PUBLIC_URL": "https://shows.example.org",
    "SWAPMEET_MAIL_BACKEND": "smtp",
}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return caught.value.faults


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        {"SWAPMEET_ENV": "moon", "SWAPMEET_WEB_WORKERS": "many", "DATABASE_URL": "mysql://x", "SWAPMEET_TYPO": "1"}
    )
    assert [line.split(":")[0] for line in found] == [
        "SWAPMEET_ENV",
        "DATABASE_URL",
        "SWAPMEET_WEB_WORKERS",
        "SWAPMEET_TYPO",
    ]


def test_production_needs_a_secret_https_and_a_real_mailer(tmp_path: Path) -> None:
    found = " ".join(faults({"SWAPMEET_ENV": "production", "SWAPMEET_INSTANCE": str(tmp_path)}))
    assert all(name in found for name in ("SWAPMEET_SECRET_KEY", "SWAPMEET_PUBLIC_URL", "SWAPMEET_MAIL_BACKEND"))


def test_good_settings_of_production_are_taken() -> None:
    assert Settings.from_env(GOOD).is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SWAPMEET_CLOCK_FILE", "/tmp/clock"),
        ("SWAPMEET_UNSAFE_NO_GUARD", "1"),
        ("SWAPMEET_MAIL_BACKEND", "file"),
        ("SWAPMEET_RATE_LIMIT_FACTOR", "10"),
    ],
)
def test_test_handles_are_refused_in_production(name: str, value: str) -> None:
    assert any(name in line and "test handle" in line for line in faults({**GOOD, name: value}))


def test_a_kept_secret_survives_a_restart(tmp_path: Path) -> None:
    environ = {"SWAPMEET_INSTANCE": str(tmp_path)}
    first, second = Settings.from_env(environ), Settings.from_env(environ)
    assert first.secret_key == second.secret_key and len(first.secret_key) >= 32


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::1]:80", "http://[::1]:80"),
        ("unix:/run/swapmeet.sock", "http://127.0.0.1:5000"),
    ],
)
def test_the_address_of_people_is_where_the_server_is_unless_it_is_said(bind: str, address: str) -> None:
    environ = {"SWAPMEET_BIND": bind, "SWAPMEET_SECRET_KEY": "k" * 40}
    assert Settings.from_env(environ).public_url == address
    assert Settings.from_env({**environ, "SWAPMEET_PUBLIC_URL": "http://hall.local"}).public_url == "http://hall.local"


def test_databases_are_named_the_usual_way(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATABASE_URL": "postgresql://u@h/n", "SWAPMEET_INSTANCE": str(tmp_path)})
    assert settings.sqlalchemy_url == "postgresql+psycopg://u@h/n"
    assert Settings(instance_path=tmp_path).sqlalchemy_url == f"sqlite:///{tmp_path / 'swapmeet.db'}"


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    missing = [key for key, _ in VARIABLES.values() if f"`{key}`" not in text]
    assert missing == []
