"""Use cases of placing runs."""
