"""How gunicorn serves Swapmeet: threads, the app loaded once and shared, patience for slow clients bounded."""

import gc
import os
from typing import Any

from swapmeet.config import Settings

gc.disable()  # until the app is loaded, see when_ready: an eighth of the time it takes
_settings = Settings.from_env(os.environ)

bind = _settings.bind
workers = _settings.web_workers
threads = _settings.web_threads
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 25
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
limit_request_line = 8190
limit_request_fields = 60
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
proc_name = "swapmeet"


def when_ready(server: Any) -> None:
    """The app is loaded and no worker runs yet: what is there now stays, so no worker looks through it for garbage.

    A page makes some thousand objects that are gone with the answer. Looking after every 700 of them finds them alive and pays for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
