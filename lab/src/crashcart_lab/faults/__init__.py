"""The faults: real defects, caused from outside. Services know nothing of them."""

from __future__ import annotations

from crashcart_lab.errors import LabError
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.faults.database_locked import DatabaseLocked
from crashcart_lab.faults.key_missing import KeyMissing
from crashcart_lab.faults.key_refused import KeyRefused
from crashcart_lab.faults.name_unresolvable import NameUnresolvable
from crashcart_lab.faults.provider_down import ProviderDown
from crashcart_lab.faults.provider_hangs import ProviderHangs
from crashcart_lab.faults.rate_limited import RateLimited
from crashcart_lab.faults.service_frozen import ServiceFrozen
from crashcart_lab.faults.service_stopped import ServiceStopped

__all__ = ["ALIKE", "FAULTS", "Fault", "Truth", "by_name"]

# For a user they are one and the same: the job is failed, and the service's health stays green.
ALIKE: tuple[Fault, ...] = (
    KeyMissing(),
    KeyRefused(),
    RateLimited(),
    ProviderHangs(),
    NameUnresolvable(),
    ProviderDown(),
)
FAULTS: tuple[Fault, ...] = (*ALIKE, DatabaseLocked(), ServiceStopped(), ServiceFrozen())


def by_name(name: str) -> Fault:
    """Return the fault of this name.

    Raises:
        LabError: there is none.
    """
    for fault in FAULTS:
        if fault.name == name:
            return fault
    known = ", ".join(fault.name for fault in FAULTS)
    raise LabError(f"there is no fault {name!r}", hint=f"choose one of {known}")
