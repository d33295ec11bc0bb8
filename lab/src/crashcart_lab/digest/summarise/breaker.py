"""When to stop asking a provider that does not answer."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Literal

import openai
from circuitbreaker import CircuitBreaker  # type: ignore[import-untyped]

from crashcart_lab.digest.summarise.errors import NoAnswer, ProviderPaused

logger = logging.getLogger(__name__)


class Breaker:
    """Lets requests through until several in a row have failed; after a while, lets them try again.

    The library is circuitbreaker: its state belongs to no event loop, so it outlives the loop of a single job
    and can be shared by threads, and its clock is monotonic. pybreaker needs Tornado for coroutines; purgatory
    goes by the wall clock, and raises one exception object again and again, whose traceback grows for ever.
    """

    def __init__(self, *, failures: int, reset_s: float) -> None:
        self._reset_s = reset_s
        self._circuit = CircuitBreaker(
            failure_threshold=failures, recovery_timeout=reset_s, expected_exception=_is_outage, name="openai"
        )

    def __enter__(self) -> None:
        """Let a request through.

        Raises:
            ProviderPaused: the provider has failed too often, and it is too early to try again.
        """
        if self._circuit.opened:
            raise ProviderPaused(
                f"not asked: the provider has failed {self._circuit.failure_count} times in a row and is left alone "
                f"for another {self._circuit.open_remaining} s (last: {self._circuit.last_failure})"
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        if isinstance(error, asyncio.CancelledError):
            return False  # the request was given up by us: that tells nothing about the provider
        was_opened, was_closed = self._circuit.opened, self._circuit.closed
        self._circuit.__exit__(kind, error, trace)
        if self._circuit.closed and not was_closed:
            logger.info("the provider answers again: requests are sent as before")
        elif self._circuit.opened and not was_opened:
            logger.warning(
                "the provider has failed %d times in a row, no request is sent for %g s: %s",
                self._circuit.failure_count,
                self._reset_s,
                error,
            )
        return False


def _is_outage(kind: type[BaseException], error: BaseException) -> bool:
    """Return whether asking again soon is of no use, to anybody.

    A refused request (400, 404, 422) is our own mistake. A refused key (401, 403) is no outage either: the provider
    works, and a pause would hide the one message that says what to mend. Both prove that it answers.
    """
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 or error.status_code in (408, 429)
    return isinstance(error, openai.APIConnectionError) or (isinstance(error, NoAnswer) and error.malformed)
