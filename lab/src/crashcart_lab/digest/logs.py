"""One JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

# Made once: `json.dumps` with an option of its own makes an encoder for every line.
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class JsonFormatter(logging.Formatter):
    """Fields timestamp (ISO 8601, UTC), level, message, module, function and, if any, exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            "module": record.module,
            "function": record.funcName,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _ENCODE(line)


def to_file(path: Path, level: str = "INFO") -> None:
    """Send the log of the whole process, libraries included, to *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # No line has them, and looking them up takes a fifth of the time that a line takes.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    sink = logging.FileHandler(path, encoding="utf-8")
    sink.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[sink], force=True)
    # The extractor reports every page that has no date or author; nobody acts on that.
    logging.getLogger("trafilatura").setLevel(logging.ERROR)
    logging.getLogger("htmldate").setLevel(logging.ERROR)
    # These tell each step of their own work; the service says itself what was done.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
