"""Vendor tables owns floor plans, table types and places, vendor profiles, and who holds which place."""
