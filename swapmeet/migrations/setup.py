"""What the commands about migrations need on the application. Web and worker do without: Alembic takes a while to import."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from swapmeet.infra.db import db


def init_migrations(app: Flask) -> None:
    """Tell Flask-Migrate of this application's migrations."""
    Migrate(app, db, directory=str(Path(__file__).parent), render_as_batch=True, compare_type=True)
