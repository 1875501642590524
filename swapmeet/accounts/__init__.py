"""Accounts owns people and who they are: sign-in, sign-in sessions, organizers and their teams, invitations, API tokens."""
