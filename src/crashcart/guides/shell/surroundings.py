"""What stands around a program: redirections, settings in front, placeholders and secrets in its words."""

from __future__ import annotations

import re

from .files_touched import redirected
from .listing import listed
from .model import Effect
from .programs import Arguments, Program
from .tree import Simple
from .verdict import Verdict
from .words import deceit, holds_secret, is_secret_file, is_secret_path_name, pasted, placeholders

# Settings that make harmless programs run others.
_LEVERS = re.compile(
    r"^(?:PATH|LD_\w+|DYLD_\w+|IFS|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|PAGER|\w+_PAGER|MANPAGER|GIT_(?:SSH\w*|"
    r"PAGER|EDITOR|EXTERNAL_DIFF|CONFIG\w*)|LESSOPEN|LESSCLOSE|LESS|EDITOR|VISUAL|BROWSER|PERL5(?:OPT|LIB)|RUBYOPT|PYTHONSTARTUP|"
    r"PYTHONPATH|PYTHONHOME|NODE_OPTIONS|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|TAR_OPTIONS|GREP_OPTIONS|RSYNC_RSH|SSH_ASKPASS|"
    r"DOCKER_HOST|KUBECONFIG_EXEC|PSQLRC|PGOPTIONS|HOME|SHELL)$"
)
_BACKUP = re.compile(r"(?:^|[/$_{.\-])(?:restore|backups?)(?:d?[/_.}\-]|$)", re.IGNORECASE)
_METADATA = listed("ls stat file test [ [[ readlink realpath du wc find basename dirname getfacl namei chmod chown")
_QUIET = frozenset({"-q", "-c", "-l", "-L", "--quiet", "--count", "--files-with-matches"})
_NAMES_VARIABLES = listed(
    """printenv unset export declare grep egrep fgrep rg heroku read local readonly typeset fly railway vercel"""
)
_LANGUAGES_OF_CAPITALS = frozenset({"sql", "redis", "mongo", "python", "script", "awk", "sed"})

_SETS_LEVERS = frozenset({"env", "sudo", "doas", "export", "declare", "local", "readonly", "typeset"})
# Builtins that compute what stands in their words, substitutions in quotes included.
_EVALUATES = frozenset(
    {"[", "[[", "test", "let", "printf", "read", "declare", "local", "typeset", "unset", "((", "mapfile"}
)
_LOGS_IN = frozenset({"curl", "wget", "http", "https", "xh"})
_PRINTS = listed(
    """cat less more head tail grep egrep fgrep rg bat batcat tac strings base64 xxd od awk sed cut sort jq yq nl vim
    vi nano cp openssl column"""
)


def worse(simple: Simple, verdict: Verdict, name: str) -> tuple[Effect, str]:
    """Return the worst of the verdict, the redirections and the settings in front."""
    effect, why = verdict.effect, verdict.why
    for redirect in simple.redirects:
        found, reason = redirected(redirect)
        if found > effect:
            effect, why = found, reason
    if effect is Effect.CHANGES and name in ("kubectl", "oc") and _applies_backup(simple):
        effect, why = Effect.DESTROYS, "puts objects of a backup over the present ones"
    for key, _ in simple.assignments:
        if _LEVERS.match(key.rstrip("+")) and effect < Effect.CHANGES:
            effect, why = Effect.CHANGES, f"{key} decides which programs run"
    if effect < Effect.CHANGES and name in _SETS_LEVERS:
        lever = next(
            (arg.text for arg in simple.args[1:] if "=" in arg.text and _LEVERS.match(arg.text.split("=", 1)[0])),
            "",
        )
        if lever:
            effect, why = Effect.CHANGES, f"{lever.split('=', 1)[0]} decides which programs run"
    if (
        effect < Effect.CHANGES
        and name in _EVALUATES
        and any("$(" in arg.text or "`" in arg.text for arg in simple.args[1:] if not arg.inner)
    ):
        effect, why = Effect.CHANGES, f"{name} may run the substitution in its words"
    if effect < Effect.CHANGES and any(deceit(arg.text) for arg in simple.args):
        effect, why = Effect.CHANGES, deceit("".join(arg.text for arg in simple.args))
    return effect, why


def _applies_backup(simple: Simple) -> bool:
    """Say whether objects are written from a file that its path calls a backup."""
    words = [arg.text for arg in simple.args]
    return words[1:2] in (["apply"], ["replace"]) and any(_BACKUP.search(word) for word in words[2:])


def holes_in(simple: Simple, name: str, program: Program | None) -> tuple[str, ...]:
    """Return what a person must fill in before a command can run."""
    takes_names = name in _NAMES_VARIABLES or (program is not None and program.language in _LANGUAGES_OF_CAPITALS)
    found: list[str] = []
    for arg in (*simple.args, *(value for _, value in simple.assignments), *(r.to for r in simple.redirects)):
        found += placeholders(arg, takes_names=takes_names or name == "[")
    if name in ("export", "declare", "") and not simple.args[1:] and simple.stdin is None:
        found += [value.text for _, value in simple.assignments if value.text.strip("*") == "" and value.text]
    if name == "[" or (name in ("grep", "egrep", "fgrep", "rg", "sed", "awk", "jq", "tr", "echo", "printf") and found):
        found = [
            hole for hole in found if hole[0] == "<" or "your" in hole.lower() or re.match(r"\[\w{2,}[-_]\w{2,}", hole)
        ]
    if name in ("echo", "printf") and any(
        re.search(r"\$0\b|\busage\b", arg.text, re.IGNORECASE) for arg in simple.args
    ):
        return ()  # how a script is called, which it prints for others
    return tuple(dict.fromkeys(found))


def sends_secret(simple: Simple, name: str, given: Arguments) -> bool:
    """Say whether a command prints a secret or sends one."""
    if name in _METADATA or (name in ("grep", "egrep", "rg") and _QUIET & given.names):
        return False
    if name == "":  # a secret is fetched into a variable of this shell
        return any(holds_secret(key) and value.inner for key, value in simple.assignments)
    if name in ("export", "declare", "local", "unset", "read", "source", ".", "cd"):
        return False
    if name in _LOGS_IN and any(re.match(r"[^\s:<$]+:[^\s<$]+", word) for word in given.all_values("-u", "--user")):
        return True
    for key, value in simple.assignments:
        if holds_secret(key) and value.text:
            return True
    for arg in simple.args[1:]:
        if any(holds_secret(variable) and not is_secret_path_name(variable) for variable in arg.variables):
            return True
        if name in _PRINTS and any(is_secret_path_name(v) and holds_secret(v) for v in arg.variables):
            return True
        if name in _PRINTS and is_secret_file(arg.text):
            return True
    if name == "printenv":
        return any(holds_secret(word) for word in given.positional)
    return any(pasted(arg.text) for arg in simple.args[1:])
