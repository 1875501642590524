"""News of a show by mail to those who ordered: to all of them or some, and a way out of it in one click."""
