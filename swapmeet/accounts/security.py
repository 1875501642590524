"""Wires sign-in into the app."""

from flask import Flask
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect

from swapmeet.accounts import sessions
from swapmeet.accounts.models import Person
from swapmeet.config import Settings
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db

csrf = CSRFProtect()


def init_accounts(app: Flask, settings: Settings) -> None:
    csrf.init_app(app)
    manager = LoginManager(app)

    @manager.request_loader
    def load(request: object) -> Person | None:
        from flask import request as current

        token = current.cookies.get(sessions.COOKIE)
        row = sessions.find_live(db.session(), token, now=utcnow()) if token else None
        return row.person if row else None


__all__ = ["csrf", "current_user", "init_accounts"]
