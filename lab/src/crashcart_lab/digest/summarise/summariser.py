"""Summaries, whoever makes them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crashcart_lab.digest.settings import Fallback, Settings
from crashcart_lab.digest.storage.summaries import Method
from crashcart_lab.digest.summarise.slow import loaded

if TYPE_CHECKING:
    from crashcart_lab.digest.summarise.provider import Provider

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summarised:
    """A summary, and how it was made."""

    text: str
    method: Method


class Summariser:
    """Has texts summarised by the provider and, if the settings say so, without it when it fails.

    One is enough for a process, and event loops may share it. Whoever runs a loop calls `close` before its end.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._provider: Provider | None = None

    async def summarise(self, text: str) -> Summarised:
        """Return a summary of *text*.

        Raises:
            openai.OpenAIError, NoAnswer, ProviderPaused: the provider failed, and nothing is to take its place.
        """
        provider = await self._ready()
        from crashcart_lab.digest.summarise.provider import FAILURES

        try:
            return Summarised(await provider.summary_of(text), Method.MODEL)
        except FAILURES as err:
            if self._settings.openai_fallback is Fallback.NONE:
                raise
            logger.warning(
                "the provider failed, the summary is made of the text's own sentences: %s: %s", type(err).__name__, err
            )
        return Summarised(await asyncio.to_thread(_extract, text), Method.EXTRACTIVE)

    async def check(self) -> None:
        """Return if the provider can be used. Asks it once, and briefly.

        Raises:
            openai.OpenAIError, NoAnswer: it cannot.
        """
        provider = await self._ready()
        await provider.check()

    async def close(self) -> None:
        """Close what the running event loop has open."""
        if self._provider is not None:
            await self._provider.close()

    def warm_up(self) -> None:
        """Load the slow libraries; meant for a thread, while the service already answers."""
        _load("provider")
        loaded("trafilatura")
        if self._settings.openai_fallback is Fallback.EXTRACTIVE:
            _load("extractive")

    async def _ready(self) -> Provider:
        await asyncio.to_thread(_load, "provider")  # at once when it is loaded; otherwise a second that blocks nobody
        if self._provider is None:
            from crashcart_lab.digest.summarise.provider import Provider

            self._provider = Provider(self._settings)
        return self._provider


def _load(module: str) -> None:
    loaded(f"crashcart_lab.digest.summarise.{module}")


def _extract(text: str) -> str:
    _load("extractive")
    from crashcart_lab.digest.summarise.extractive import summary_of

    return summary_of(text)
