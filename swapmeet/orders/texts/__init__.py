"""The organizer's own words in the mails about orders, with listed placeholders and nothing else."""
