"""Writes of vendor tables, one file a group of use cases."""
