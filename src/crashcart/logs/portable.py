"""A miner that can be sent to another process."""

from __future__ import annotations

from crashcart.logs.mining.mask import masker
from crashcart.logs.mining.miner import Miner
from crashcart.logs.mining.recent import Recent


class PortableMiner(Miner):
    """Leaves behind what only makes it fast: the memory of recent lines and of masked words."""

    def __getstate__(self) -> dict[str, object]:
        return {
            name: kept for name, kept in self.__dict__.items() if name not in ("_mask", "_recent", "_table", "_decided")
        }

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._recent = Recent(self._caps)
        self._table = None
        self._mask = masker()
        self._decided = None
