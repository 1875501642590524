"""Settings: one frozen object read from the environment, with every fault reported at once."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SettingsError(Exception):
    """One or more settings are missing or wrong. `faults` has a sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Swapmeet cannot start:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


ENVIRONMENTS = ("development", "test", "production")
MAIL_BACKENDS = ("file", "smtp")


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations. docs/configuration.md has one row for each field."""

    env: str = "development"
    instance_path: Path = field(default_factory=lambda: Path.cwd() / "instance")
    database_url: str = ""
    redis_url: str = ""
    storage_url: str = ""
    secret_key: str = ""
    public_url: str = "http://127.0.0.1:5000"
    hosts: tuple[str, ...] = ()
    proxy_count: int = 0
    bind: str = "127.0.0.1:5000"
    web_workers: int = 2
    web_threads: int = 8
    with_worker: bool = True
    mail_backend: str = "file"
    mail_from: str = "Swapmeet <no-reply@localhost>"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: str = "none"
    hold_minutes: int = 15
    hold_extension_minutes: int = 15
    hold_max_minutes: int = 45
    carts_per_address: int = 60
    placing_seconds: int = 80
    max_upload_mb: int = 12
    rate_limit_factor: int = 1
    clock_file: str = ""
    unsafe_no_guard: bool = False
    admin_email: str = ""
    stripe_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_address: str = ""

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def sqlalchemy_url(self) -> str:
        if not self.database_url:
            return f"sqlite:///{self.instance_path.resolve() / 'swapmeet.db'}"
        if self.database_url.startswith("postgres://"):
            return "postgresql+psycopg://" + self.database_url.removeprefix("postgres://")
        if self.database_url.startswith("postgresql://"):
            return "postgresql+psycopg://" + self.database_url.removeprefix("postgresql://")
        return self.database_url

    @property
    def is_sqlite(self) -> bool:
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def mail_folder(self) -> Path:
        return self.instance_path / "mail"

    @property
    def files_folder(self) -> Path:
        return self.instance_path / "files"

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Host names answered to: those listed, else the one of the public address (and loopback outside production)."""
        own = urlsplit(self.public_url).hostname or "localhost"
        listed = self.hosts or (own,)
        return listed if self.is_production else (*listed, own, "127.0.0.1", "localhost", "[::1]")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read SWAPMEET_* and the three usual names. Raises SettingsError listing every fault."""
        faults: list[str] = []
        values: dict[str, Any] = {}
        for name, (key, convert) in VARIABLES.items():
            raw = environ.get(key)
            if raw is None or raw == "":
                continue
            try:
                values[name] = convert(raw)
            except ValueError as error:
                faults.append(f"{key}: {error}")
        known = {key for key, _ in VARIABLES.values()} | FREE_VARIABLES
        faults += [
            f"{key}: there is no such setting"
            for key in sorted(environ)
            if key.startswith("SWAPMEET_") and key not in known
        ]
        if "bind" in values and "public_url" not in values:
            values["public_url"] = _address_on_this_machine(values["bind"]) or cls.public_url
        settings = cls(**values)
        faults += _faults_together(settings)
        if faults:
            raise SettingsError(faults)
        return settings if settings.secret_key else settings.with_values(secret_key=_kept_secret(settings))

    def with_values(self, **changes: Any) -> "Settings":
        """A copy with some fields changed."""
        return type(self)(**{f.name: changes.get(f.name, getattr(self, f.name)) for f in fields(self)})


def _faults_together(settings: Settings) -> list[str]:
    faults = []
    if settings.web_workers < 1 or settings.web_threads < 1:
        faults.append("SWAPMEET_WEB_WORKERS and SWAPMEET_WEB_THREADS: at least 1 each")
    if not settings.hold_minutes <= settings.hold_max_minutes:
        faults.append("SWAPMEET_HOLD_MAX_MINUTES: not below SWAPMEET_HOLD_MINUTES")
    if bool(settings.stripe_key) != bool(settings.stripe_webhook_secret):
        faults.append("SWAPMEET_STRIPE_KEY and SWAPMEET_STRIPE_WEBHOOK_SECRET: both or neither")
    if not settings.is_production:
        return faults
    if settings.stripe_address:
        faults.append("SWAPMEET_STRIPE_ADDRESS: a test handle, not for production")
    if not settings.secret_key:
        faults.append("SWAPMEET_SECRET_KEY: needed in production (32 random characters or more)")
    elif len(settings.secret_key) < 32:
        faults.append("SWAPMEET_SECRET_KEY: at least 32 characters in production")
    if not settings.public_url.startswith("https://"):
        faults.append("SWAPMEET_PUBLIC_URL: must begin with https:// in production")
    handles = {
        "SWAPMEET_CLOCK_FILE": bool(settings.clock_file),
        "SWAPMEET_UNSAFE_NO_GUARD": settings.unsafe_no_guard,
        "SWAPMEET_MAIL_BACKEND=file": settings.mail_backend == "file",
        "SWAPMEET_RATE_LIMIT_FACTOR": settings.rate_limit_factor != 1,
    }
    return faults + [f"{name}: a test handle, refused in production" for name, used in handles.items() if used]


def _kept_secret(settings: Settings) -> str:
    """Outside production a secret is made once and kept in the instance folder, so that restarts keep people signed in."""
    path = settings.instance_path / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def _text(raw: str) -> str:
    return raw.strip()


def _path(raw: str) -> Path:
    return Path(raw).expanduser().resolve()


def _flag(raw: str) -> bool:
    if raw.lower() in ("1", "true", "yes", "on"):
        return True
    if raw.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("write 1 or 0")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(raw: str) -> int:
        if not raw.strip().isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(raw)

    return convert


def _one_of(*choices: str) -> Callable[[str], str]:
    def convert(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return raw

    return convert


def _web_address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write an address such as https://shows.example.org")
    return raw.rstrip("/")


def _address_on_this_machine(bind: str) -> str | None:
    """Where somebody at this machine finds a server that is bound there. None for a socket in the file system."""
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdigit():
        return None
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0', '[::]') else host}:{port}"


def _database(raw: str) -> str:
    if not raw.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
        raise ValueError("write sqlite:////path/to/file or postgresql://user:password@host/name")
    return raw


def _storage(raw: str) -> str:
    if not raw.startswith(("file:///", "s3://")):
        raise ValueError("write file:///path or s3://bucket/prefix")
    return raw


def _names(raw: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in raw.split(",") if name.strip())


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "env": ("SWAPMEET_ENV", _one_of(*ENVIRONMENTS)),
    "instance_path": ("SWAPMEET_INSTANCE", _path),
    "database_url": ("DATABASE_URL", _database),
    "redis_url": ("REDIS_URL", _text),
    "storage_url": ("STORAGE_URL", _storage),
    "secret_key": ("SWAPMEET_SECRET_KEY", _text),
    "public_url": ("SWAPMEET_PUBLIC_URL", _web_address),
    "hosts": ("SWAPMEET_HOSTS", _names),
    "proxy_count": ("SWAPMEET_PROXY_COUNT", _whole(0, 10)),
    "bind": ("SWAPMEET_BIND", _text),
    "web_workers": ("SWAPMEET_WEB_WORKERS", _whole(1, 64)),
    "web_threads": ("SWAPMEET_WEB_THREADS", _whole(1, 256)),
    "with_worker": ("SWAPMEET_WITH_WORKER", _flag),
    "mail_backend": ("SWAPMEET_MAIL_BACKEND", _one_of(*MAIL_BACKENDS)),
    "mail_from": ("SWAPMEET_MAIL_FROM", _text),
    "smtp_host": ("SWAPMEET_SMTP_HOST", _text),
    "smtp_port": ("SWAPMEET_SMTP_PORT", _whole(1, 65535)),
    "smtp_user": ("SWAPMEET_SMTP_USER", _text),
    "smtp_password": ("SWAPMEET_SMTP_PASSWORD", _text),
    "smtp_tls": ("SWAPMEET_SMTP_TLS", _one_of("none", "starttls", "tls")),
    "hold_minutes": ("SWAPMEET_HOLD_MINUTES", _whole(1, 240)),
    "hold_extension_minutes": ("SWAPMEET_HOLD_EXTENSION_MINUTES", _whole(1, 240)),
    "hold_max_minutes": ("SWAPMEET_HOLD_MAX_MINUTES", _whole(1, 1440)),
    "carts_per_address": ("SWAPMEET_CARTS_PER_ADDRESS", _whole(1, 100_000)),
    "placing_seconds": ("SWAPMEET_PLACING_SECONDS", _whole(1, 80)),
    "max_upload_mb": ("SWAPMEET_MAX_UPLOAD_MB", _whole(1, 100)),
    "rate_limit_factor": ("SWAPMEET_RATE_LIMIT_FACTOR", _whole(1, 1_000_000)),
    "clock_file": ("SWAPMEET_CLOCK_FILE", _text),
    "unsafe_no_guard": ("SWAPMEET_UNSAFE_NO_GUARD", _flag),
    "admin_email": ("SWAPMEET_ADMIN_EMAIL", _text),
    "stripe_key": ("SWAPMEET_STRIPE_KEY", _text),
    "stripe_webhook_secret": ("SWAPMEET_STRIPE_WEBHOOK_SECRET", _text),
    "stripe_address": ("SWAPMEET_STRIPE_ADDRESS", _web_address),
}

# Read elsewhere (by the Makefile and the tests), so not a misspelled setting.
FREE_VARIABLES = frozenset({"SWAPMEET_REQUIRE_BROWSER"})
