"""Public and own pages of orders: cart, checkout, the order by its link, one's own orders."""

from flask import Blueprint

from swapmeet.orders.taxes import added_words, sum_taxes

bp = Blueprint("orders", __name__)
bp.add_app_template_filter(sum_taxes, "taxes")
bp.add_app_template_filter(added_words, "added_tax")
