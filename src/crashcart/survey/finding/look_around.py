"""Looking around: facts, then the few questions to ports that may speak HTTP, then the parts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from crashcart.ports import Place
from crashcart.survey.finding.decide import decide, ports_to_ask
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.gather import gather
from crashcart.survey.finding.parts import Survey
from crashcart.survey.finding.source import has_metrics, health_paths

_PATIENCE_S = 2.0
_BODY_BYTES = 2000


async def look_around(place: Place, folder: str, *, is_machine: bool = False) -> Survey:
    """Return what is found in the folder and on the machine. Reads, and sends a few GETs to the project's own ports."""
    facts = await asyncio.to_thread(lambda: gather(place, folder, is_machine=is_machine))
    return decide(facts, await _ask_all(place, facts))


async def _ask_all(place: Place, facts: Facts) -> dict[str, int]:
    """Return the status of every GET that was taken, by url; 0 when no answer came. Health paths are asked only where the root answers."""
    statuses: dict[str, int] = {}
    ends = ports_to_ask(facts)
    await _ask(place, [_base(host, port) for host, port in ends], statuses)
    speaking = [base for base, status in statuses.items() if status]
    paths = [path for path, _ in health_paths(facts)]
    for base in speaking:
        for path in paths:
            await _ask(place, [base + path], statuses)
            if 200 <= statuses.get(base + path, 0) < 300:
                break
    if has_metrics(facts):
        await _ask(place, [f"{base}/metrics" for base in speaking], statuses)
    return statuses


async def _ask(place: Place, urls: Sequence[str], statuses: dict[str, int]) -> None:
    answers = await asyncio.gather(
        *(place.request("GET", url, headers={}, timeout_s=_PATIENCE_S, limit_bytes=_BODY_BYTES) for url in urls)
    )
    for url, answer in zip(urls, answers, strict=True):
        # Taken and never answered: a frozen service, and then `status` is 0. What is no HTTP says so at once.
        if answer.status or answer.end == "silent":
            statuses[url] = answer.status


def _base(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
