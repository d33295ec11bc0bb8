"""Numbers that programs in fences compare with: tests of a shell, conditions, alert rules, waits, ages of certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crashcart.guides.foreign.nouns import Meaning
from crashcart.guides.foreign.settings import Setting, unit_in
from crashcart.guides.foreign.units import unit_of

_N = r"(\d+(?:\.\d+)?)"
_TEST = re.compile(rf"\[\s+\"?\$\{{?(\w{{2,60}})\}}?\"?\s+-(gt|ge|lt|le|eq)\s+{_N}\s+\]")
_BC = re.compile(rf"echo\s+\"([^\"]*?)\s*(>=?|<=?)\s*{_N}\s*\"\s*\|\s*bc\b")
_ARITHMETIC = re.compile(rf"\(\(\s*\$?\{{?(\w{{2,60}})\}}?\s*(>=?|<=?)\s*{_N}\s*\)\)")
_IF = re.compile(
    rf"^\s*(?:\}}\s*)?(?:el(?:se )?)?if\b[^\n#]{{0,160}}?\b([A-Za-z_]\w+(?:\.\w+|\[[^\]]{{1,40}}\])*)\s*(>=?|<=?)\s*{_N}\s*(%?)\s*[:){{]"
)
_EXPR = re.compile(rf"^\s*(?:-\s+)?expr:\s*[\"']?(.*?\S)\s+(>=?|<=?|==|!=)\s*{_N}\s*[\"']?\s*$")
_FOR = re.compile(r"^\s*for:\s*[\"']?(\d+)(s|m|h|d)[\"']?\s*$")
_SHARE = re.compile(rf"\b(?:to|for|at) {_N}\s?% of (?:the )?(?:users|traffic|requests|customers|pods|nodes)\b")
_CHECKEND = re.compile(rf"\s-checkend\s+{_N}\b")
_WAIT = re.compile(rf"\s--(?:timeout|max-time|connect-timeout|wait-timeout)[= ]{_N}(ms|s|m|h)?\b")
_WINDOW = re.compile(r"\b(?:END|NOW|CURRENT|now|end)\w*\s+-\s+(\d{3,})\b")
_DELTA = re.compile(rf"(>=?|<=?)\s*(?:datetime\.)?timedelta\((seconds|minutes|hours|days|weeks)={_N}\)")
_PROMISED = re.compile(
    rf"\b(\w*(?:response|resolution|reaction|acknowledge\w*)_time_(hours|minutes|seconds|days))[\"']?\s*[:=]\s*{_N}\b"
)
_KEPT = re.compile(
    rf"\b(\w*RETENTION\w*|\w*retention\w*|\w*keep_\w+|\w*KEEP_\w+)[\"']?\s*[:=]\s*[\"']?{_N}\s?(d|days|h|hours)?\b"
)
_RLIMIT = re.compile(rf"\b(RLIMIT_\w+)\s*,\s*\(?{_N}\b")
_MAX_OF = re.compile(rf"[(,]\s*(max_(?:keepalive_)?connections|timeout)\s*=\s*{_N}(?=\s*[,)])")
_TIMEOUT = re.compile(rf"^\s*[\w.]*\btimeout\s*=\s*{_N}\s*,?\s*$")
_THRESHOLD = re.compile(rf"^([A-Z][A-Z0-9_]*_THRESHOLD)\s*=\s*{_N}\s*$")
_SHOWN = re.compile(r"\{([A-Za-z_][\w.\[\]'\"]{0,60})(?::[^{}\n]{0,8})?\}(ms|s|%)(?![A-Za-z])")
_WORDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "="}
_GOOD = re.compile(r"\b(?:PASS(?:ED)?|OK|healthy|success\w*)\b|[✓✔✅🟢]")
_TELLS = re.compile(
    r"\b(?:echo|printf|print\w*|log\w*|warn\w*|alert\w*|notify|raise|throw|append|push|add|send\w*|console\.\w+|logger\.\w+|return\s+[\"'f])",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"latency|duration|response_?time|elapsed|(?:^|_)rtt|uptime", re.IGNORECASE)
_STATUS_NAMES = frozenset({"status", "rc", "ret", "code", "exit_code", "result", "EXIT_CODE", "RC", "STATUS"})


@dataclass(frozen=True, slots=True)
class Program:
    """The lines of a fence, looked at around one of them."""

    lines: tuple[str, ...]
    units: Mapping[str, str]  # of names, by what the program prints behind them: `{latency}s`

    def behind(self, no: int, count: int) -> list[str]:
        """Return some lines behind a line."""
        return list(self.lines[no + 1 : no + 1 + count])


def program(text: str) -> Program:
    """Return the lines of a fence."""
    return Program(tuple(text.split("\n")), {found[1]: unit_of(found[2]) for found in _SHOWN.finditer(text)})


def checks_in(program: Program, no: int) -> Iterator[Setting]:
    """Yield what a line of a program compares or bounds."""
    line = program.lines[no]
    if len(line) > 1_000 or not re.search(r"\d", line):
        return
    yield from _tested(program, no, line)
    yield from _rules(program, no, line)
    yield from _bounds(line)


def _tested(program: Program, no: int, line: str) -> Iterator[Setting]:
    for found in _BC.finditer(line):
        unit = "%" if re.search(r"\*\s*100\b", found[1]) else _unit(found[1].strip(" $"), program.units)
        yield _judged(program, no, found[1].strip(" $"), found[2], float(found[3]), unit)
    for found in () if _BC.search(line) else _TEST.finditer(line):
        is_any = float(found[3]) == 0 and not _has_other_outcome(program, no)
        if is_any or found[1] in _STATUS_NAMES or (found[2] == "eq" and float(found[3]) != 0):
            continue
        relation = _WORDS[found[2]]
        yield _judged(program, no, found[1], relation, float(found[3]), _unit(found[1], program.units))
    for found in _ARITHMETIC.finditer(line):
        yield _judged(program, no, found[1], found[2], float(found[3]), _unit(found[1], program.units))
    condition = _IF.match(line)
    if condition and any(_TELLS.search(after) for after in program.behind(no, 2)):
        unit = condition[4] or _unit(condition[1], program.units)
        if float(condition[3]) != 0:
            yield _judged(program, no, condition[1], condition[2], float(condition[3]), unit)


def _judged(program: Program, no: int, name: str, relation: str, value: float, unit: str) -> Setting:
    """Return a comparison as an alarm, or as a target when what follows says that all is well then."""
    after = program.behind(no, 1)
    is_good = any(_GOOD.search(line) for line in after)
    if relation == "=":  # "none of them": more of them are the alarm
        return Setting(name, ">", value, unit, Meaning.ALARM)
    return Setting(name, relation, value, unit, Meaning.TARGET if is_good else Meaning.ALARM)


def _has_other_outcome(program: Program, no: int) -> bool:
    """Whether a condition has an `else` of its own: then both outcomes mean something, and it guards no mere output."""
    indent = len(program.lines[no]) - len(program.lines[no].lstrip())
    for line in program.behind(no, 8):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return line.strip().startswith(("else", "}"))
    return False


def _unit(name: str, units: Mapping[str, str]) -> str:
    """Return the unit of a name: its ending, how the program prints it, or seconds for what is a time by its name."""
    known = unit_in(re.sub(r"\W+", "_", name).strip("_"))
    if known:
        return known
    return units.get(name) or ("s" if _SECONDS.search(name) else "")


def _rules(program: Program, no: int, line: str) -> Iterator[Setting]:
    if found := _EXPR.match(line):
        relation = found[2].replace("==", "=")
        if relation != "!=":
            name = re.search(r"[A-Za-z_:][\w:]{2,}(?=\s*[{\[)]|\s*$)", found[1])
            label = name[0] if name else found[1][:60]
            yield Setting(label, relation, float(found[3]), unit_in(label), Meaning.ALARM)
    before = program.lines[max(0, no - 12) : no]
    if (found := _FOR.match(line)) and any(re.match(r"\s*(?:-\s+)?(?:expr|alert):", other) for other in before):
        yield Setting("for", ">=", float(found[1]), unit_of(found[2]), Meaning.ALARM)


def _bounds(line: str) -> Iterator[Setting]:
    for found in _SHARE.finditer(line):
        yield Setting("share", "=", float(found[1]), "%", Meaning.TARGET)
    for found in _CHECKEND.finditer(line):
        yield Setting("time until a certificate ends", "<", float(found[1]), "s", Meaning.ALARM)
    for found in _WAIT.finditer(line):
        yield Setting("wait", "<=", float(found[1]), unit_of(found[2] or "s"), Meaning.LIMIT)
    for found in _WINDOW.finditer(line):
        yield Setting("window", "=", float(found[1]), "s", Meaning.LIMIT)
    for found in _DELTA.finditer(line):
        yield Setting("age", found[1], float(found[3]), unit_of(found[2]), Meaning.LIMIT)
    for found in _PROMISED.finditer(line):
        yield Setting(found[1], "<=", float(found[3]), unit_of(found[2]), Meaning.TARGET)
    for found in _KEPT.finditer(line):
        unit = unit_of(found[3] or "") or unit_in(found[1])
        if unit:
            yield Setting(found[1], "=", float(found[2]), unit, Meaning.LIMIT)
    for found in _RLIMIT.finditer(line):
        yield Setting(found[1], "<=", float(found[2]), "", Meaning.LIMIT)
    for found in _MAX_OF.finditer(line):
        if found[1] == "timeout":
            yield Setting(found[1], "=", float(found[2]), "s", Meaning.LIMIT)
        else:
            yield Setting(found[1], "<=", float(found[2]), "", Meaning.LIMIT)
    if bare := _TIMEOUT.match(line):
        yield Setting("timeout", "=", float(bare[1]), "s", Meaning.LIMIT)
    if bare := _THRESHOLD.match(line):
        yield Setting(bare[1], "=", float(bare[2]), "", Meaning.LIMIT)
