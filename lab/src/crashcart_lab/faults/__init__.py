"""The faults: real defects, caused from outside. Services know nothing of them."""

from __future__ import annotations

from crashcart_lab.errors import LabError
from crashcart_lab.faults.backup_folder_gone import BackupFolderGone
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.faults.base_path_wrong import BasePathWrong
from crashcart_lab.faults.breaker_open import BreakerOpen
from crashcart_lab.faults.certificate_expired import CertificateExpired
from crashcart_lab.faults.certificate_for_another import CertificateForAnother
from crashcart_lab.faults.certificate_untrusted import CertificateUntrusted
from crashcart_lab.faults.cpu_starved import CpuStarved
from crashcart_lab.faults.database_corrupt import DatabaseCorrupt
from crashcart_lab.faults.database_locked import DatabaseLocked
from crashcart_lab.faults.database_readonly import DatabaseReadonly
from crashcart_lab.faults.disk_full import DiskFull
from crashcart_lab.faults.fds_exhausted import FdsExhausted
from crashcart_lab.faults.index_missing import IndexMissing
from crashcart_lab.faults.key_missing import KeyMissing
from crashcart_lab.faults.key_refused import KeyRefused
from crashcart_lab.faults.listens_elsewhere import ListensElsewhere
from crashcart_lab.faults.memory_leak import MemoryLeak
from crashcart_lab.faults.migration_missing import MigrationMissing
from crashcart_lab.faults.model_unknown import ModelUnknown
from crashcart_lab.faults.name_unresolvable import NameUnresolvable
from crashcart_lab.faults.network_not_allowed import NetworkNotAllowed
from crashcart_lab.faults.own_rate_too_low import OwnRateTooLow
from crashcart_lab.faults.page_timeout_too_short import PageTimeoutTooShort
from crashcart_lab.faults.places_taken import PlacesTaken
from crashcart_lab.faults.pool_exhausted import PoolExhausted
from crashcart_lab.faults.port_taken import PortTaken
from crashcart_lab.faults.provider_cuts import ProviderCuts
from crashcart_lab.faults.provider_down import ProviderDown
from crashcart_lab.faults.provider_errors import ProviderErrors
from crashcart_lab.faults.provider_hangs import ProviderHangs
from crashcart_lab.faults.provider_malformed import ProviderMalformed
from crashcart_lab.faults.provider_slow import ProviderSlow
from crashcart_lab.faults.queue_backlog import QueueBacklog
from crashcart_lab.faults.queue_down import QueueDown
from crashcart_lab.faults.quota_used_up import QuotaUsedUp
from crashcart_lab.faults.rate_limited import RateLimited
from crashcart_lab.faults.receiver_down import ReceiverDown
from crashcart_lab.faults.region_refused import RegionRefused
from crashcart_lab.faults.scheme_wrong import SchemeWrong
from crashcart_lab.faults.secrets_differ import SecretsDiffer
from crashcart_lab.faults.service_frozen import ServiceFrozen
from crashcart_lab.faults.service_stopped import ServiceStopped
from crashcart_lab.faults.settings_invalid import SettingsInvalid
from crashcart_lab.faults.site_unreadable import SiteUnreadable
from crashcart_lab.faults.timeout_too_short import TimeoutTooShort
from crashcart_lab.faults.upstream_port_wrong import UpstreamPortWrong
from crashcart_lab.faults.upstream_timeout_too_short import UpstreamTimeoutTooShort
from crashcart_lab.faults.users_limit_too_low import UsersLimitTooLow
from crashcart_lab.faults.wal_growing import WalGrowing
from crashcart_lab.faults.worker_database_differs import WorkerDatabaseDiffers
from crashcart_lab.faults.worker_frozen import WorkerFrozen
from crashcart_lab.faults.worker_key_missing import WorkerKeyMissing
from crashcart_lab.faults.worker_queue_differs import WorkerQueueDiffers
from crashcart_lab.faults.worker_stopped import WorkerStopped
from crashcart_lab.faults.worker_stray import WorkerStray

__all__ = ["ALIKE", "FAULTS", "Fault", "Truth", "by_name"]

# For a user they are one and the same: the job is failed, and the service's health stays green.
ALIKE: tuple[Fault, ...] = (
    KeyMissing(),
    KeyRefused(),
    RateLimited(),
    ProviderHangs(),
    NameUnresolvable(),
    ProviderDown(),
    QuotaUsedUp(),
    RegionRefused(),
    ProviderErrors(),
    ProviderMalformed(),
    ProviderCuts(),
    ModelUnknown(),
    BasePathWrong(),
    CertificateExpired(),
    CertificateUntrusted(),
    CertificateForAnother(),
    TimeoutTooShort(),
    SchemeWrong(),
    BreakerOpen(),
    PageTimeoutTooShort(),
    SiteUnreadable(),
)
# Of what the service stands on: its database, its machine, its queue and those it notifies.
BENEATH: tuple[Fault, ...] = (
    DatabaseReadonly(),
    DatabaseCorrupt(),
    IndexMissing(),
    MigrationMissing(),
    PoolExhausted(),
    FdsExhausted(),
    PlacesTaken(),
    CpuStarved(),
    DiskFull(),
    QueueDown(),
    WorkerStopped(),
    WorkerFrozen(),
    QueueBacklog(),
    ReceiverDown(),
    SecretsDiffer(),
    WorkerStray(),
    BackupFolderGone(),
    MemoryLeak(),
    WalGrowing(),
)
# Of what the service was told, of what stands before it, and of the sites it reads.
AROUND: tuple[Fault, ...] = (
    ProviderSlow(),
    OwnRateTooLow(),
    UsersLimitTooLow(),
    NetworkNotAllowed(),
    PortTaken(),
    SettingsInvalid(),
    UpstreamPortWrong(),
    UpstreamTimeoutTooShort(),
    ListensElsewhere(),
    WorkerDatabaseDiffers(),
    WorkerQueueDiffers(),
    WorkerKeyMissing(),
)
FAULTS: tuple[Fault, ...] = (*ALIKE, *BENEATH, *AROUND, DatabaseLocked(), ServiceStopped(), ServiceFrozen())


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
