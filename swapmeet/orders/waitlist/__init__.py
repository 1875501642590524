"""The waiting list: one line for everything a show sells. Who waits, who is offered what, and until when."""
