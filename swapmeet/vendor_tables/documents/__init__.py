"""Papers that a show asks of its vendors: an insurance certificate, a permit; sent, looked at, accepted or not, gone in time."""
