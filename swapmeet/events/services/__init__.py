"""Writes of shows, one module a use case or a group of close ones."""

from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.events.services.importing import check_show, import_show
from swapmeet.events.services.publishing import (
    cancel_event,
    finish_event,
    list_missing,
    preview_cancellation,
    publish_event,
)
from swapmeet.events.services.setup import (
    add_hall,
    add_sale_period,
    announce,
    change_announcement,
    change_hall,
    change_sale_period,
    remove_announcement,
    remove_hall,
    remove_sale_period,
    save_policy,
)
from swapmeet.events.services.shows import (
    NewShow,
    add_series,
    change_series,
    create_event,
    free_slug,
    touch,
    update_event,
)

__all__ = [
    "CloneWish",
    "NewShow",
    "add_hall",
    "add_sale_period",
    "add_series",
    "announce",
    "cancel_event",
    "change_announcement",
    "change_hall",
    "change_sale_period",
    "change_series",
    "check_show",
    "clone_event",
    "create_event",
    "finish_event",
    "free_slug",
    "import_show",
    "list_missing",
    "preview_cancellation",
    "publish_event",
    "remove_announcement",
    "remove_hall",
    "remove_sale_period",
    "save_policy",
    "touch",
    "update_event",
]
