"""The application for a WSGI server: `gunicorn -c python:swapmeet.gunicorn_conf swapmeet.wsgi:app`."""

from swapmeet.factory import create_app

app = create_app()
