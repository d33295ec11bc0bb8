"""Numbers with units, and the words by which guides compare them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Spelling -> the unit as we write it. What counts things keeps its noun.
_TIME = {
    "ms": "ms msec msecs millis millisecond milliseconds millisekunden milisegundos millisecondes мс 毫秒 ミリ秒",
    "us": "us µs μs microseconds", "ns": "ns nanoseconds",
    "s": "s sec secs second seconds sekunde sekunden segundo segundos seconde secondes сек секунд секунды 秒 秒钟",
    "min": "m min mins minute minutes minuten minuto minutos мин минут минуты минуту 分 分钟",
    "h": "h hr hrs hour hours stunde stunden hora horas heure heures часа часов час 小时 時間",
    "days": "d day days tag tage tagen día días jour jours dia dias день дня дней 天 日",
    "weeks": "w week weeks wochen semanas semaines", "months": "month months monate meses mois",
}  # fmt: skip
_SIZE = {
    "B": "B byte bytes", "KB": "KB kB kb kilobytes Ko ko КБ", "MB": "MB Mb mb megabytes megabyte Mo МБ", "GB": "GB Gb gb gigabytes gigabyte Go ГБ", "TB": "TB tb terabytes To ТБ",
    "KiB": "KiB Ki", "MiB": "MiB Mi", "GiB": "GiB Gi", "TiB": "TiB Ti", "Mbps": "Mbps Mbit/s Mb/s", "Gbps": "Gbps", "MB/s": "MB/s MBps", "KB/s": "KB/s",
}  # fmt: skip
_RATE = {
    "req/s": "req/s reqs/s rps RPS requests/s requests/sec requests/second req/sec qps QPS", "RPM": "RPM rpm req/min requests/min requests/minute",
    "TPM": "TPM tokens/min", "/s": "/s /sec /second per_second", "/min": "/min /minute per_minute calls/min calls/minute", "/h": "/h /hour /hr per_hour",
    "/day": "/day per_day", "kHz": "kHz", "Hz": "Hz", "MHz": "MHz", "°C": "°C ℃ °c", "°F": "°F", "dBm": "dBm", "bar": "bar", "IOPS": "IOPS iops", "TPS": "TPS tps",
}  # fmt: skip
_COUNTED = (
    "errors error failures requests request connections connection messages message jobs job tasks task items item rows row records entries files file "
    "lines line users user tokens token retries retry attempts attempt times pods pod nodes node replicas replica workers worker threads thread processes "
    "events sessions queries calls call restarts keys partitions characters chars calls clients instances containers cores CPUs vCPU vCPUs pages objects "
    "documents vectors points chunks levels replicas shards consumers slots locks transactions descriptors packets hops versions backups tables restarts cores"
)
_SPELLINGS: dict[str, str] = {}
for _table in (_TIME, _SIZE, _RATE):
    for _unit, _words in _table.items():
        for _word in _words.split():
            _SPELLINGS[_word] = _unit
            if len(_word) > 3 and _word.isalpha():
                _SPELLINGS[_word.capitalize()] = _unit
for _word in _COUNTED.split():
    _SPELLINGS[_word] = _word
_SPELLINGS["percent"] = _SPELLINGS["Prozent"] = _SPELLINGS["%"] = _SPELLINGS["%"] = _SPELLINGS["pct"] = "%"
_SPELLINGS["percentage points"] = "%"
TIMES = frozenset(_TIME)
RATES = frozenset(_RATE)
COUNTS = frozenset(_COUNTED.split())
_SINGLE = frozenset(word for word in COUNTS if word + "s" in COUNTS or word in ("retry", "entry", "query", "process"))

_ORDERED = sorted((re.escape(word.replace("_", " ")) for word in _SPELLINGS), key=len, reverse=True)
UNIT = rf"(?:(?:{'|'.join(_ORDERED)})(?![A-Za-z0-9_]))"
# "0,8 bar" has a decimal comma; without a unit behind it, a comma parts the items of a list.
FIGURE = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+,\d{{1,2}}(?=\s?{UNIT})|\d+(?:\.\d+)?)"
_NUMBER = re.compile(
    rf"(?<![\w.,/:#$-])(?P<approx>[~≈]\s?)?(?P<value>{FIGURE})(?P<times>[KkMB](?=\s|-|$|\)|/))?(?P<gap>\s?-?\s?|\s+)(?P<unit>{UNIT})?(?P<more>\s?/\s?(?:s|sec|second|min|minute|h|hour|day)\b|\s(?:per|pro)\s\w+)?"
)

RANGE = re.compile(
    rf"(?<![\w.,/:#$-])(?P<low>\d+(?:\.\d+)?)\s?(?:-|–|to|bis)\s?(?P<high>\d+(?:\.\d+)?)\s?(?P<unit>{UNIT})"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text, its unit ("" without) and where it stands."""

    value: float
    unit: str
    start: int
    end: int


_TIMES = {"K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9}
_GOES_ON = re.compile(r"[\w:./-]*[\w:]|\.\d")  # a version, a date, a name
_RANGE_OF_QUERY = re.compile(r"[\w}]\[$")  # `rate(requests_total[5m])`
_JOINED = {"requests/s": "req/s", "requests/min": "RPM", "tokens/min": "TPM"}
_PER = {"s": "/s", "sec": "/s", "second": "/s", "min": "/min", "minute": "/min", "h": "/h", "hour": "/h", "day": "/day"}


def figures(text: str) -> list[Figure]:
    """Return the numbers of a text; versions, dates, codes and names with digits are none."""
    found: list[Figure] = []
    for match in _NUMBER.finditer(text):
        end = match.end("unit") if match["unit"] else match.end("value") + len(match["times"] or "")
        if not match["unit"] and _GOES_ON.match(text[end : end + 3]) and not text[end : end + 1].isspace():
            continue
        if _RANGE_OF_QUERY.search(text[max(0, match.start("value") - 2) : match.start("value")]):
            continue
        value = _value(match["value"]) * _TIMES.get(match["times"] or "", 1.0)
        unit = _SPELLINGS.get(match["unit"] or "", "")
        if unit in _SINGLE and value != 1 and "-" not in match["gap"]:
            unit = ""  # "error 8: attempt to write": a noun in the singular is counted by none but 1
        per = _per(match["more"] or "") if match["more"] else ""
        if per and unit in ("min", "h", "days"):
            unit, end = "", match.end("more")  # metres per second, and no minutes
        elif per and unit not in TIMES:
            unit = f"{unit}{per}" if unit in _SIZE else _JOINED.get(unit + per, per)
            end = match.end("more")
        found.append(Figure(round(value, 9), unit, match.start("value"), end))
    return found


def _value(text: str) -> float:
    head, comma, tail = text.rpartition(",")
    return float(f"{head}.{tail}") if comma and len(tail) < 3 else float(text.replace(",", ""))


def _per(words: str) -> str:
    bare = words.replace("/", " ").replace(" per ", " ").replace(" pro ", " ").split()
    return _PER.get(bare[0], "") if bare else ""


def unit_of(word: str) -> str:
    """Return the unit of a spelling, "" when it is none."""
    return _SPELLINGS.get(word, "")
