"""One page, and the series of one metric on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Answer, Place, Secrets
from crashcart.probes.metric.page import Series, parse, quantile, selector
from crashcart.probes.pool import FILES
from crashcart.probes.web import ask, text_of
from crashcart.redact import Scrubber

_PAGE_BYTES = 4 << 20


class MetricLook:
    """Asks for the page as Prometheus does; of it only numbers are kept."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._secrets = secrets

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        wanted, whole = selector(look.arg("metric") or ""), selector(look.arg("of") or "all")
        if wanted is None or whole is None:
            bad = look.arg("metric") if wanted is None else look.arg("of")
            return Unseen(f'{bad!r} is no selector: a name, or a name with labels like {{status="failed"}}')
        share = look.arg("quantile")
        if share is not None and not 0 <= float(share) <= 1:
            return Unseen(f"the quantile {share} is not between 0 and 1")
        path = target.attributes.get("metrics", "") or "/metrics"
        # A whole url may be somebody else's: the key is for the target's own.
        url = path if path.lower().startswith(("http://", "https://")) else ""
        key = "" if url else self._secrets.value(target.name, "key") or ""
        answer = await ask(self._place, target, path, key=key, limit_bytes=_PAGE_BYTES, url=url)
        if isinstance(answer, Unseen):
            return answer
        page, series = await FILES.run(lambda: _read(answer))
        fields: dict[str, Scalar] = {"page": page, "status": answer.status, "took": answer.took_s}
        if page != "ok":
            return Seen(fields)
        found = [one for one in series if wanted.takes(one)]
        made = quantile(series, wanted, float(share)) if share is not None else None
        if answer.is_cut and not found and made is None:
            return Unseen(f"the page is larger than 4 MiB, and {wanted.name} is not in the beginning of it")
        # A series with labels appears with its first event: if others of the metric are there, it had none yet.
        is_known = any(one.name == wanted.name for one in series)
        fields |= _numbers(found, is_known=is_known) if share is None else _quantile(made)
        if look.arg("of"):
            fields |= _portion(found if is_known else None, [one for one in series if whole.takes(one)])
        return Seen(fields)


def _read(answer: Answer) -> tuple[str, Sequence[Series]]:
    """Return what became of the page, and its series."""
    if not answer.status:
        return ("silent" if answer.end == "silent" else "unreached"), ()
    if answer.end == "cut":
        return "cut", ()
    if not 200 <= answer.status < 300:
        return {404: "missing", 410: "missing", 401: "forbidden", 403: "forbidden"}.get(answer.status, "error"), ()
    text = text_of(answer.body, dict(answer.headers).get("content-type", ""))
    # Where our limit cut it, the last line may be half a number.
    series, odd = parse(text.rpartition("\n")[0] if answer.is_cut else text)
    return ("malformed" if odd > len(series) else "ok"), series


def _numbers(found: Sequence[Series], *, is_known: bool) -> dict[str, Scalar]:
    fields: dict[str, Scalar] = {"is_present": bool(found), "series": len(found)}
    values = [one.value for one in found]
    if not values and is_known:
        fields["value"] = 0.0
    if values and all(map(math.isfinite, values)):
        total = math.fsum(values)
        fields |= {"value": total, "lowest": min(values), "highest": max(values), "average": total / len(values)}
    return fields


def _quantile(made: float | None) -> dict[str, Scalar]:
    return {"is_present": False} if made is None else {"is_present": True, "value": made}


def _portion(part: Sequence[Series] | None, whole: Sequence[Series]) -> dict[str, Scalar]:
    values = [one.value for one in (*(part or ()), *whole)]
    total = math.fsum(one.value for one in whole) if all(map(math.isfinite, values)) else 0.0
    return {"portion": 100 * math.fsum(one.value for one in part) / total} if total and part is not None else {}
