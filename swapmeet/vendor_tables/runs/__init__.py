"""Runs of the placing: asked for, done by the worker, compared side by side, and accepted by a person."""
