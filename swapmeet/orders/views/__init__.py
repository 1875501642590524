"""Public and own pages of orders: cart, checkout, the order by its link, one's own orders."""

from flask import Blueprint

bp = Blueprint("orders", __name__)
