"""Events and plans as they stand in journals and files, back to nouns. Only classes named here come back."""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from types import ModuleType

from crashcart.model import guide, net, observation, plan, run, spans, spec, touch, truth
from crashcart.model.canon import Json, Thaw
from crashcart.model.plan import Lesson, Plan
from crashcart.model.run import Event


def _classes(module: ModuleType) -> list[type]:
    found = [
        entry for entry in vars(module).values() if isinstance(entry, type) and entry.__module__ == module.__name__
    ]
    return [entry for entry in found if is_dataclass(entry) or issubclass(entry, Enum)]


_MODULES = (guide, net, observation, plan, run, spans, spec, touch, truth)
_thaw = Thaw(*(entry for module in _MODULES for entry in _classes(module)))


def thaw_event(value: Json) -> Event:
    """Return an event of a journal.

    Raises:
        ValueError: it is none, or of another version.
    """
    found = _thaw(value)
    if not isinstance(found, Event):
        raise ValueError(f"{type(found).__name__} is no event of a run")
    return found


def thaw_plan(value: Json) -> Plan:
    """Return a kept plan.

    Raises:
        ValueError: it is none, or of another version.
    """
    found = _thaw(value)
    if not isinstance(found, Plan):
        raise ValueError(f"{type(found).__name__} is no plan")
    return found


def thaw_lesson(value: Json) -> Lesson:
    """Return what a run taught.

    Raises:
        ValueError: it is none, or of another version.
    """
    found = _thaw(value)
    if not isinstance(found, Lesson):
        raise ValueError(f"{type(found).__name__} is no lesson")
    return found
