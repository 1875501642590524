"""Badges owns who is admitted and what proves it: attendees, badges, gates and check-ins, for every role alike."""
