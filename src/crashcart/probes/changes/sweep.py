"""The known good sweep, as far as `changes` reads it: a case whose truth is that all was well."""

from __future__ import annotations

import json

from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.ports import Place
from crashcart.probes.changes.inventory import Inventory, read
from crashcart.probes.plain import plain

_CASE_BYTES = 64 << 20


def known_good(place: Place, target: Target) -> tuple[str, Inventory] | Unseen:
    """Return when the known good sweep was taken, and the inventory of the target in it."""
    path = target.known_good
    make = "when all is well, run `crashcart check --save`"
    if not path:
        return Unseen(f"no known good sweep is named (`known_good` in [system]): {make}")
    try:
        case = json.loads(place.read(path, _CASE_BYTES))
        is_good = case["truth"] == ["nothing"]
        wanted = f"changes {{{target.name}}} inventory"
        entry = next((one for one in case["observations"] if one["look"] == wanted), None)
    except FileNotFoundError:
        return Unseen(f"there is no known good sweep at {path}: {make}")
    except OSError as error:
        return Unseen(f"cannot read the known good sweep {path}: {error.strerror or error}")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Unseen(f"{path} is no case: {make}")
    if not is_good:
        return Unseen(f"when {path} was recorded, the system was not well, or nobody said that it was: {make}")
    if entry is None or not entry.get("fields"):
        return Unseen(f"{path} holds no inventory of {target.name}: {make}")
    return plain(str(entry["seen_at"])), read(str(entry["fields"].get("entries", "")))
