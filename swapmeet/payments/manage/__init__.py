"""Organizer pages of payments: bank statements and what waits to be matched."""

from flask import Blueprint

bp = Blueprint("payments_manage", __name__, url_prefix="/manage/shows/<slug>/money")
