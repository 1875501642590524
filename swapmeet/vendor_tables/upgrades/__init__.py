"""The upgrade round: a table that came back is offered to placed vendors who wished for it, before the waiting list."""
