"""create_app: extensions, blueprints, error handlers. No logic."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from swapmeet import wiring
from swapmeet.accounts.security import init_accounts
from swapmeet.config import Settings
from swapmeet.infra import logs
from swapmeet.infra.clock import Clock, FileClock, SystemClock
from swapmeet.infra.db import db, engine_options
from swapmeet.infra.files import open_store
from swapmeet.infra.mailer import mailer_for
from swapmeet.web import assets, controls, errors, filters
from swapmeet.web.access import refuse_untagged
from swapmeet.web.rules import LazyRule
from swapmeet.web.security import HOST_ONLY, init_security

HERE = Path(__file__).resolve().parent
# A wheel carries templates and static inside the package, the repository has them beside it.
ROOT = HERE if (HERE / "templates").is_dir() else HERE.parent


class PlainJson(DefaultJSONProvider):
    """Keys in the order in which they were written."""

    sort_keys = False


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, with a serializer made once: its keys are settled with the app."""

    _serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


class PlainFlask(Flask):
    """Flask for views that all are plain functions: it does not look at each call whether one is a coroutine."""

    url_rule_class = LazyRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (default: from the environment). Raises SettingsError listing every fault."""
    settings = settings or Settings.from_env(os.environ)
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    app = PlainFlask(
        "swapmeet",
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance_path.resolve()),
    )
    app.jinja_environment = assets.Templates
    app.session_interface = CookieSessions()
    _configure(app, settings)
    logs.init_logs(app)
    app.extensions["swapmeet_settings"] = settings
    app.extensions["swapmeet_clock"] = _clock(settings)
    app.extensions["swapmeet_mailer"] = mailer_for(settings)
    app.extensions["swapmeet_store"] = open_store(settings)
    app.extensions["swapmeet_foreign_rules"] = {}
    app.extensions["swapmeet_registry"] = wiring.build_registry()
    db.init_app(app)
    init_security(app, settings)
    init_accounts(app)
    app.before_request(refuse_untagged)
    assets.init_templates(app)
    filters.register(app)
    controls.register(app)
    errors.register(app)
    for blueprint in wiring.blueprints():
        app.register_blueprint(blueprint)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.public_url.startswith("https://")
    megabyte = 1024 * 1024
    app.config.update(
        SECRET_KEY=settings.secret_key or os.urandom(32),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.sqlalchemy_url, settings.web_threads),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * megabyte,
        MAX_FORM_MEMORY_SIZE=megabyte // 2,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_NAME=f"{HOST_ONLY if secure else ''}swapmeet_form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
        PREFERRED_URL_SCHEME="https" if secure else "http",
        SWAPMEET_ENV=settings.env,
        SWAPMEET_PUBLIC_URL=settings.public_url,
        SWAPMEET_UNSAFE_NO_GUARD=settings.unsafe_no_guard,
        TESTING=settings.env == "test",
    )
    app.json = PlainJson(app)


def _clock(settings: Settings) -> Clock:
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()
