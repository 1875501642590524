"""PURE. Reads bank statements (CSV, CAMT.053, MT940) into entries, and finds the orders that entries pay for."""
