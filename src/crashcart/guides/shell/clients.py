"""Clients of databases: what is asked of the server, in options, words or fed text."""

from __future__ import annotations

import re

from .model import Effect
from .redis import judge_redis
from .scripts import judge_mongo
from .sql import judge_sql
from .verdict import Call, Verdict

_LOOKS = Effect.LOOKS


def sql(call: Call) -> Verdict:
    """Judge a call of a client of a SQL database."""
    given = call.given
    if any(given.has(option) for option in ("-f", "--file", "-i")) and call.program.name != "mysql":
        return call.unknown("runs statements of a file that is not shown")
    if any(given.has(option) for option in ("-l", "--list", "--version", "-V", "--help")):
        return Verdict(_LOOKS, "lists databases or says its version")
    texts = given.all_values("-c", "--command", "-e", "--execute", "-q", "--query", "-Q", "-cmd")
    positional = list(given.positional)
    if call.program.name == "sqlite3":
        texts += positional[1:]
    elif call.program.name in ("bq", "wp"):
        texts += positional
    if call.simple.stdin is not None:
        texts.append(call.simple.stdin)
    elif call.simple.is_fed and not texts:
        return Verdict(
            Effect.DESTROYS, "runs statements that are not shown: most often a dump, over what is there", is_known=False
        )
    if not texts:
        return Verdict(Effect.USES, "opens a session with the database")
    worst = max((_statement(call, text) for text in texts), key=lambda found: (found.effect, not found.is_known))
    if worst.effect is _LOOKS and any(given.has(option) for option in ("-o", "--output")):
        return Verdict(Effect.CHANGES, "writes rows to a file")
    return worst


def _statement(call: Call, text: str) -> Verdict:
    bare = text.strip()
    if re.fullmatch(r"\$\{?\w+\}?|\$\(.*\)|<[^>]*>", bare, re.S):
        return call.unknown("the statement is not known before it runs")
    metas = [line.strip() for line in bare.splitlines() if re.match(r"\s*(?:\\[a-zA-Z!?]|\.[a-z])", line)]
    verdicts = [meta(line) for line in metas]
    statement = "\n".join(line for line in bare.splitlines() if line.strip() not in metas)
    if re.search(r"\\(?![gGx]\b|gx\b)[a-zA-Z!]", re.sub(r"'(?:[^']|'')*'", "''", statement)):
        return call.unknown("holds a command of the client in the middle of a line")
    if statement.strip():
        effect, why, is_known = judge_sql(statement)
        verdicts.append(Verdict(effect, why, is_known))
    return max(verdicts, key=lambda found: found.effect, default=Verdict(_LOOKS, "no statement"))


_METAS = re.compile(
    r"\\(?:d[a-zA-Z+]*|l\+?|z|conninfo|x|timing|c(?:onnect)?|dt\+?|du|dn|df|dx|q|echo|pset|a|t|h|\?|encoding|sf|sv|set)\b"
    r"|\.(?:tables|schema|indexes|indices|headers?|mode|databases|dump|timer|width|exit|quit|help|show|stats|dbinfo|fullschema|nullvalue|bail|eqp)\b"
    r"|\\[sGg]\b|\\l\+?$|\\d\+?$|\\x$"
)


def meta(text: str) -> Verdict:
    """Judge a command of the client itself: `\\dt`, `.tables`."""
    if _METAS.match(text):
        return Verdict(_LOOKS, "shows what is in the database")
    if text.startswith((".restore", ".import")):
        return Verdict(Effect.DESTROYS, "replaces what is in the database")
    return Verdict(Effect.CHANGES, "a command of the client that writes or runs something", is_known=False)


def mongo(call: Call) -> Verdict:
    """Judge a call of a client of MongoDB."""
    text = call.given.value("--eval")
    scripts = [word for word in call.given.positional if word.endswith(".js")]
    if scripts or call.given.has("-f") or call.given.has("--file"):
        return call.unknown("runs a script that is not shown")
    if text is None:
        text = call.simple.stdin
    if text is None:
        return call.unknown("runs what it is fed") if call.simple.is_fed else Verdict(Effect.USES, "opens a session")
    effect, why, is_known = judge_mongo(text)
    return Verdict(effect, why, is_known)


def redis(call: Call) -> Verdict:
    """Judge a call of a client of Redis."""
    given = call.given
    secret = given.has("-a") or given.has("--pass")
    if given.has("--rdb") or given.has("--functions-rdb"):
        return Verdict(Effect.CHANGES, "writes a dump", uses_secret=secret)
    if given.has("--eval") or given.has("--pipe") or given.has("--cluster") or given.has("-x"):
        if given.has("--cluster") and given.positional[:1] in (("check",), ("info",)):
            return Verdict(_LOOKS, "checks the cluster")
        return call.unknown("runs what is not shown")
    if any(given.has(option) for option in ("--bigkeys", "--memkeys", "--hotkeys", "--latency", "--latency-history",
                                            "--stat", "--scan", "--intrinsic-latency", "--latency-dist", "--version",
                                            "-v", "--help")):  # fmt: skip
        return Verdict(_LOOKS, "measures the server or lists keys", uses_secret=secret)
    lines = [list(given.positional)] if given.positional else []
    if not lines and call.simple.stdin is not None:
        lines = [line.split() for line in call.simple.stdin.splitlines() if line.strip()]
    if not lines:
        return call.unknown("runs what it is fed") if call.simple.is_fed else Verdict(Effect.USES, "opens a session")
    if any(arg.is_dynamic and arg.text == lines[0][0] for arg in call.args):
        return call.unknown("the command is not known before it runs")
    worst = max((judge_redis(words) for words in lines), key=lambda found: found[0])
    return Verdict(*worst, uses_secret=secret, subcommand=lines[0][0].upper())
