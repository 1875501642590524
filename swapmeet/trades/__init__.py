"""Trades owns listings with photos, offers, the talk between two traders, reports and blocks."""
