"""Orders owns scarcity and money: quotas, carts and holds, orders, payments, refunds, and the ledger.

It knows nothing of tickets or tables: features register what they sell (see `sellables.py`), and a badge or a
reservation points down at its order line.
"""
