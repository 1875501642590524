"""Writes of accounts: people, organizers, teams, tokens. One function a use case."""
