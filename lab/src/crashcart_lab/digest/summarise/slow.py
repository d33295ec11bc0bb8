"""Libraries that take a while to load, and are loaded when the service already answers."""

from __future__ import annotations

import importlib
import threading
from types import ModuleType

_LOADING = threading.Lock()


def loaded(module: str) -> ModuleType:
    """Return a module, loaded one at a time.

    Python lets a thread have a half-loaded module rather than let two threads wait for each other for ever: loaded at
    once, two libraries that share a third may fail, and fail again until the process ends.
    """
    with _LOADING:
        return importlib.import_module(module)
