"""JSON logs: one line a record, with the request id, without personal data or secrets."""

import json
import logging
import sys
from datetime import UTC, datetime

from flask import Flask, g, has_request_context, request
from flask.wrappers import Response

EXTRA = ("job", "kind", "status", "ms", "endpoint")


class JsonFormatter(logging.Formatter):
    """Level, logger, message, request id and endpoint. Never addresses with secrets in them, never form content."""

    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if has_request_context():
            row |= {"request_id": g.get("request_id", ""), "endpoint": request.endpoint or "", "method": request.method}
        row |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """What Flask says of an unhandled error has the address in it, and that may be an order's secret link."""
    return "unhandled error" if record.funcName == "log_exception" else record.getMessage()


def init_logs(app: Flask) -> None:
    """Send everything of ours to standard error as JSON."""
    root = logging.getLogger("swapmeet")
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        root.propagate = app.config.get("TESTING", False)
    app.after_request(_log_faults)


def _log_faults(response: Response) -> Response:
    if response.status_code >= 500:
        logging.getLogger("swapmeet.requests").error(
            "answered %s", response.status_code, extra={"status": response.status_code}
        )
    return response
