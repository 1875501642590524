"""Organizer pages of orders: the list, one order, payments, refunds, the money page and its exports."""

from flask import Blueprint

bp = Blueprint("orders_manage", __name__, url_prefix="/manage/shows/<slug>")
