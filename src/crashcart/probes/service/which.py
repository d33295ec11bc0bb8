"""Which supervisord keeps the target's program."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Program, Supervised
from crashcart.probes.pool import FILES

TIMEOUT_S = 2.0
_NAMES = ("supervisord", "supervisor.supervisord")
_LONG = "--configuration"

Found = tuple[Supervised, Sequence[Program]]


async def choose(place: Place, target: Target, name: str) -> Found | str | Unseen:
    """Return the supervisord and the programs of that name; or `absent`, `unmanaged`; or why it cannot be told.

    The one that the system file names is asked first. It may have been guessed from the usual places: when it knows
    no such program and a running one does, neither is believed.
    """
    path = (*target.touch.get("supervisor", ()), "")[0]
    if not path:
        return await _search(place, target, name)
    named = await _ask(place, path)
    if isinstance(named, Unseen):
        return named
    if programs := _of_that_name(named, name):
        return named, programs
    if named.state not in ("ok", "absent"):
        return _why(named)
    elsewhere = [found for found in await _asked(place, path) if not isinstance(found, Unseen)]
    if any(_of_that_name(one, name) for one in elsewhere):
        return Unseen(f"another supervisord than that of {path} knows the program {name}: {_to_add(target)}")
    return "absent" if named.state == "ok" else "unmanaged"


async def _search(place: Place, target: Target, name: str) -> Found | Unseen:
    asked = await _asked(place)
    unseen = [_why(one) if isinstance(one, Supervised) else one for one in asked if not _is_ok(one)]
    found = [(one, programs) for one in asked if isinstance(one, Supervised) and (programs := _of_that_name(one, name))]
    if len(found) > 1:
        return Unseen(f"{len(found)} supervisords know the program {name}: {_to_add(target)}")
    if found:
        return found[0]
    return unseen[0] if unseen else Unseen(f"no supervisord was found that knows {name}: {_to_add(target)}")


async def _asked(place: Place, besides: str = "") -> Sequence[Supervised | Unseen]:
    return [await _ask(place, path) for path in await _running(place) if path != besides]


def _is_ok(asked: Supervised | Unseen) -> bool:
    return isinstance(asked, Supervised) and asked.state == "ok"


async def _ask(place: Place, path: str) -> Supervised | Unseen:
    try:
        return await place.supervised(path, timeout_s=TIMEOUT_S)
    except PermissionError:
        return Unseen(f"not permitted to read the settings of supervisord, {path}: run as its user or as root")
    except OSError as error:
        return Unseen(f"cannot read the settings of supervisord, {path}: {error.strerror or error}")
    except ValueError as error:
        return Unseen(str(error))


def _why(supervised: Supervised) -> Unseen:
    where = supervised.where
    reasons = {
        "forbidden": f"not permitted to ask supervisord at {where}: run as its user or as root, or look at its password",
        "absent": f"nobody listens at {where}, where a supervisord should",
        "timeout": f"supervisord at {where} did not answer within {TIMEOUT_S:g} s",
    }
    return Unseen(reasons.get(supervised.state, f"what answers at {where} is no supervisord"))


def _to_add(target: Target) -> str:
    return f"`supervisor` in [targets.{target.name}.touch] says which; its settings file, or its socket"


def _of_that_name(supervised: Supervised, name: str) -> Sequence[Program]:
    """Return the process of that name, or those of the group: `worker`, `jobs:worker_00`, `jobs:*`."""
    group, has_group, own = name.partition(":")
    own = own if has_group else name
    exact = [one for one in supervised.programs if (one.group, one.name) == (group, own)]
    is_all = not has_group or own in ("", "*")
    return exact or [one for one in supervised.programs if is_all and one.group == group]


async def _running(place: Place) -> Sequence[str]:
    """Return the settings files that running supervisords were given, each once."""
    try:
        running = await FILES.run(place.processes)
    except OSError:  # then those that cannot be seen are not asked, and the reason given says what to add
        return ()
    return list(dict.fromkeys(path for process in running for path in _settings(process.command)))


def _settings(command: Sequence[str]) -> Iterator[str]:
    # Of a relative path, and of the usual places, only supervisord itself knows where they begin.
    words = list(command)
    if not any(os.path.basename(word) in _NAMES for word in words[:3]):
        return
    for word, following in zip(words, [*words[1:], ""], strict=True):
        path = following if word in ("-c", _LONG) else ""
        path = path or word.removeprefix(f"{_LONG}=") if word.startswith(f"{_LONG}=") else path
        path = word[2:] if word.startswith("-c") and word != "-c" else path
        if os.path.isabs(path):
            yield path
