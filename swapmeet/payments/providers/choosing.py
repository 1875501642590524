"""Which provider this installation uses, by its settings. Without settings there is none, and no button."""

from flask import current_app

from swapmeet.config import Settings
from swapmeet.payments.providers.interface import Provider


def has_provider() -> bool:
    settings: Settings = current_app.extensions["swapmeet_settings"]
    return bool(settings.stripe_key)


def find_provider() -> Provider | None:
    """Made once a process, when first asked for: the library is large."""
    if not has_provider():
        return None
    found: Provider | None = current_app.extensions.get("swapmeet_provider")
    if found is None:
        from swapmeet.payments.providers.stripe_checkout import StripeCheckout  # an extra, loaded where it is wanted

        settings: Settings = current_app.extensions["swapmeet_settings"]
        found = StripeCheckout(settings.stripe_key, settings.stripe_webhook_secret, address=settings.stripe_address)
        current_app.extensions["swapmeet_provider"] = found
    return found
