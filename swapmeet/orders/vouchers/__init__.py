"""Vouchers: codes that lower a price, open what is hidden, or keep places for those who have them."""
