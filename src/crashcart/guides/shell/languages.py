"""Programs whose words hold a language of their own: shells, remote shells, databases, interpreters, file tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from . import clients, files_touched
from .code import judge_python
from .http import judge_http
from .listing import listed
from .model import Effect, Place, Where
from .scripts import judge_awk, judge_sed
from .verdict import Call, Judged, Verdict

Judge = Callable[[Call], Verdict]
_LOOKS = Effect.LOOKS


def _inner(call: Call, inner: tuple[Judged, ...], why: str) -> Verdict:
    return Verdict(_LOOKS, why, inner=inner)


def _shell(call: Call) -> Verdict:
    given = call.given
    # The text is what stands right behind -c, also in `-lc`; what follows it are arguments of that text.
    text = given.value("-c")
    if text is not None:
        if any(arg.is_dynamic and arg.text == text for arg in call.args) and "'" not in text:
            text_arg = next(arg for arg in call.args if arg.text == text)
            if text_arg.text.strip().startswith("$"):
                return call.unknown("runs a text that is not shown")
        return _inner(call, call.shell(text, call.where), "runs a text")
    if given.positional and not given.has("-s"):
        if given.has("-n"):
            return Verdict(_LOOKS, "checks a script")
        return call.unknown(f"runs a script that is not shown: {given.positional[0][:60]}")
    if call.simple.stdin is not None:
        return _inner(call, call.shell(call.simple.stdin, call.where), "runs a text")
    if call.simple.is_fed:
        return call.unknown("runs what it is fed, which is not shown")
    if given.has("--version"):
        return Verdict(_LOOKS, "says its version")
    return Verdict(Effect.USES, "opens a shell")


def _ssh(call: Call) -> Verdict:
    positional, places = call.given.positional, call.given.places
    strange = [value for value in call.given.all_values("-o") if re.search(r"(?i)command|include", value)]
    if strange:
        return call.unknown("the option starts a program here")
    if any(call.given.has(option) for option in ("-L", "-R", "-D", "-N")) and len(positional) <= 1:
        return Verdict(Effect.USES, "opens a tunnel")
    if call.given.has("-V"):
        return Verdict(_LOOKS, "says its version")
    if not positional:
        return call.unknown("names no host")
    where = Where(Place.HOST, positional[0].rsplit("@", 1)[-1])
    rest = call.args[places[0] + 1 :]
    if rest:
        return _inner(call, call.shell(" ".join(arg.text for arg in rest), where), "runs a text on a host")
    if call.simple.stdin is not None:
        return _inner(call, call.shell(call.simple.stdin, where), "runs a text on a host")
    if call.simple.is_fed:
        return call.unknown("runs what it is fed on a host")
    return Verdict(Effect.USES, "opens a shell on a host")


def _su(call: Call) -> Verdict:
    text = call.given.value("-c", "--command")
    if text is not None:
        return _inner(call, call.shell(text, call.where), "runs a text as another user")
    if call.given.behind is not None and call.args[call.given.behind :]:
        return _inner(call, (call.run(call.args[call.given.behind :], call.where),), "runs a program as another user")
    if call.simple.is_fed:
        return call.unknown("runs what it is fed as another user")
    return Verdict(Effect.USES, "opens a shell as another user")


def _env(call: Call) -> Verdict:
    if call.given.has("-S") or call.given.has("--split-string"):
        return call.unknown("splits a text into a command")
    rest = next((place for place, word in zip(call.given.places, call.given.positional, strict=True)
                 if not re.match(r"\w+=", word)), None)  # fmt: skip
    if rest is None:
        return Verdict(_LOOKS, "prints the environment with its secrets", uses_secret=True)
    return _inner(call, (call.run(call.args[rest:], call.where),), "runs a program with other settings")


_SERVERS = re.compile(
    r"(?:^|/)(?:main|app|server|run|wsgi|asgi|worker|bot|start|serve|api|index)(?:\.py|\.m?js|\.ts|\.rb)?$"
)
_MODULES = {"json.tool": "prints JSON", "site": "shows folders", "sysconfig": "shows settings", "platform": "names the system",
            "timeit": "measures", "this": "prints a text", "calendar": "prints a calendar", "dis": "shows code",
            "pip_audit": "checks packages", "tokenize": "shows code"}  # fmt: skip


def _python(call: Call) -> Verdict:
    given, args = call.given, call.args
    text = given.value("-c")
    if text is None and not given.positional and given.value("-m") is None:
        text = call.simple.stdin
    if text is None and given.positional[:1] == ("-",):
        text = call.simple.stdin
    if text is not None:
        if "$" in text and any(arg.is_dynamic and arg.text == text for arg in args):
            return call.unknown("the code is not known before it runs")
        effect, why, is_known, inner = judge_python(text, lambda line: call.shell(line, call.where))
        return Verdict(effect, why, is_known, inner=inner)
    module = given.value("-m")
    if module is not None:
        return _module(call, module)
    if not given.positional:
        if any(given.has(option) for option in ("-V", "--version", "-VV")):
            return Verdict(_LOOKS, "says its version")
        return call.unknown("runs what it is fed") if call.simple.is_fed else Verdict(Effect.USES, "opens a session")
    return _script_file(call)


def _module(call: Call, module: str) -> Verdict:
    place = next(place for place, arg in enumerate(call.args) if arg.text == module)
    rest = call.args[place:]
    if module in _MODULES:
        return Verdict(_LOOKS, _MODULES[module])
    if module == "http.server":
        return Verdict(Effect.RESTARTS, "starts a server")
    if module == "venv":
        return Verdict(Effect.CHANGES, "makes an environment")
    known = {"pip", "pytest", "celery", "flask", "uvicorn", "gunicorn", "alembic", "coverage", "black", "flake8", "mypy", "ruff",
             "django", "py_spy", "isort", "pylint", "streamlit", "hypercorn", "bandit", "build", "twine", "virtualenv", "poetry"}  # fmt: skip
    if module in known:
        return _inner(call, (call.run(rest, call.where),), "runs a module")
    if _SERVERS.search(module.replace(".", "/")):
        return Verdict(Effect.RESTARTS, "starts the program", is_known=False)
    return call.unknown(f"runs the module {module[:40]}, which is not known")


def _script_file(call: Call) -> Verdict:
    file = call.given.positional[0]
    name = file.rsplit("/", 1)[-1]
    if name in ("manage.py", "artisan"):
        return _inner(call, (call.run(call.args[call.given.places[0] :], call.where),), "runs the project's commands")
    if _SERVERS.search(file) or call.simple.is_background:
        return Verdict(Effect.RESTARTS, "starts the program", is_known=False)
    return call.unknown(f"runs a script that is not shown: {file[:60]}")


def _script(call: Call) -> Verdict:
    given = call.given
    if any(given.has(option) for option in ("-v", "-V", "--version", "-version")) and not given.positional:
        return Verdict(_LOOKS, "says its version")
    rule = call.program.best(given)
    if rule is not None and not given.positional:
        return Verdict(rule.says.effect, rule.says.reason)
    if any(given.has(option) for option in ("-e", "--eval", "-r", "-n", "-p", "-i", "-pe", "-ne", "-E")):
        return call.unknown("runs code that is not understood")
    if not given.positional:
        return call.unknown("runs what it is fed") if call.simple.is_fed else Verdict(Effect.USES, "opens a session")
    return _script_file(call)


def _find(call: Call) -> Verdict:
    words = call.texts
    if "-delete" in words:
        return Verdict(Effect.DESTROYS, "removes what it finds")
    if any(word in ("-fprint", "-fprint0", "-fprintf", "-fls") for word in words):
        return Verdict(Effect.DESTROYS, "replaces a file")
    inner: list[Judged] = []
    own = list(words)
    for place, word in enumerate(words):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((at for at in range(place + 1, len(words)) if words[at] in (";", "+")), len(words))
            if end == place + 1 or len(inner) >= 50:
                return call.unknown("names nothing to run, or too much")
            own[place:end] = [""] * (end - place)
            inner.append(call.run(call.args[place + 1 : end], call.where))
    strange = next(
        (w for w in own if w.startswith("-") and len(w) > 1 and w.lstrip("-") not in _TESTS and not w[1].isdigit()), ""
    )
    if strange:
        return Verdict(Effect.CHANGES, f"find's option {strange[:30]} is not known", False, inner=tuple(inner))
    return _inner(call, tuple(inner), "lists files")


_TESTS = listed(
    """name iname path ipath type size mtime mmin atime amin ctime cmin newer newermt newerct newerat perm user group
    uid gid empty maxdepth mindepth print print0 printf ls not o a and or prune mount xdev exec execdir ok okdir
    links inum regex iregex regextype readable writable executable L H P depth daystart quit true false nouser
    nogroup samefile follow fstype wholename lname O3 O2 O1 anewer cnewer used d"""
)


def _sed(call: Call) -> Verdict:
    words = call.texts
    edits = any(re.match(r"-[nErsuz]*i", word) or word.startswith("--in-place") for word in words)
    scripts = call.given.all_values("-e", "--expression") or [w for w in words if not w.startswith("-")][:1]
    if any(word in ("-f", "--file") for word in words):
        return call.unknown("runs a script that is not shown")
    worst = max(
        (judge_sed(script) for script in scripts), key=lambda found: found[0], default=(_LOOKS, "filters text", True)
    )
    if edits and worst[0] < Effect.CHANGES:
        return Verdict(Effect.CHANGES, "rewrites the file in place")
    return Verdict(*worst)


def _awk(call: Call) -> Verdict:
    words = call.texts
    if any(word == "-f" or word.startswith(("-i", "--include", "-l", "--load", "-E", "--file")) for word in words):
        return call.unknown("runs a program that is not shown, or in place")
    texts = [arg for arg in call.args if not arg.text.startswith("-") or arg.is_quoted]
    if any(arg.is_dynamic for arg in texts[:1]) and texts and re.search(r"\$\(|`|^\$\w+$", texts[0].text):
        return call.unknown("the program is not known before it runs")
    worst = max((judge_awk(arg.text) for arg in texts if "{" in arg.text or "(" in arg.text or "|" in arg.text),
                key=lambda found: found[0], default=(_LOOKS, "filters text", True))  # fmt: skip
    return Verdict(*worst)


_BY_NAME: Mapping[str, Judge] = {
    "shell": _shell,
    "ssh": _ssh,
    "su": _su,
    "env": _env,
    "sql": clients.sql,
    "mongo": clients.mongo,
    "redis": clients.redis,
    "python": _python,
    "script": _script,
    "find": _find,
    "sed": _sed,
    "awk": _awk,
    "http": judge_http,
    "tee": files_touched.tee,
    "copy": files_touched.copy,
    "move": files_touched.move,
    "dd": files_touched.dd,
    "tar": files_touched.tar,
}


def judge_language(name: str, call: Call) -> Verdict:
    """Judge a call of a program by the language that its words hold."""
    return _BY_NAME[name](call)
