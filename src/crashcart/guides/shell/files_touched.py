"""What happens to files: copies, moves, redirections. A file that stood there and is replaced is lost."""

from __future__ import annotations

import re
from itertools import pairwise

from .model import Effect
from .tree import Redirect
from .verdict import Call, Verdict

# A name that says: this is a copy, a report, a new or passing file. Replacing one costs little.
_COPY = re.compile(
    r"backup|bak\b|back_?up|\.old\b|\.orig\b|\.save[d]?\b|copy|dump|snapshot|export|archive|\.new\b|_new\b|before|after|"
    r"\$\(date|`date|\$\{?(?:DATE|TIMESTAMP|TS|BACKUP\w*)\b|~$|\.(?:gz|tgz|zip|tar|bz2|xz|zst)$|%[YmdHMS]",
    re.IGNORECASE,
)
_PASSING = re.compile(r"^(?:/tmp/|/var/tmp/|/dev/shm/|\$\{?(?:TMP|OUT|OUTPUT|REPORT)(?:_?(?:DIR|PATH|FOLDER)|\b))")
_NOWHERE = re.compile(r"^(?:/dev/(?:null|stdout|stderr|tty|fd/\d+|zero|full)|&?\d+|-|&-)$")
_TUNABLE = re.compile(r"^/(?:proc|sys)/")
_DEVICE = re.compile(r"^/dev/")
# Files that stand there already, so that writing them loses what they held.
_STANDING = re.compile(
    r"^(?:/etc/|/usr/|/boot/|/var/(?:lib|log|spool|www)/|/opt/|/root/|~/\.|\$HOME/\.|/home/[^/]+/\.)|(?:^|/)\.env(?:\.\w+)?$|"
    r"\.(?:conf|cfg|ini|cnf|service|db|sqlite3?|log)$|(?:^|/)(?:Dockerfile|crontab|hosts|config|requirements\.txt|package\.json)$",
    re.IGNORECASE,
)


def redirected(redirect: Redirect) -> tuple[Effect, str]:
    """Return what a redirection does."""
    to, operator = redirect.to.text, redirect.operator
    if operator in ("<", "<&", "<>") or _NOWHERE.match(to):
        return Effect.LOOKS, ""
    if operator == ">&" and to.isdigit():
        return Effect.LOOKS, ""
    return written(to, is_added=operator in (">>", "&>>"))


def written(to: str, *, is_added: bool) -> tuple[Effect, str]:
    """Return what writing a file comes to."""
    if _NOWHERE.match(to):
        return Effect.LOOKS, ""
    if _DEVICE.match(to):
        return Effect.DESTROYS, "writes to a device"
    if _TUNABLE.match(to):
        return Effect.CHANGES, "changes a setting of the kernel"
    if is_added:
        return Effect.CHANGES, "adds to a file"
    if _COPY.search(to) or _PASSING.match(to):
        return Effect.CHANGES, "writes a file"
    if _STANDING.search(to):
        return Effect.DESTROYS, f"replaces what {to[:60]} held"
    return Effect.CHANGES, "writes a file, over one of the same name"


def tee(call: Call) -> Verdict:
    """Judge tee: it writes what passes."""
    is_added = call.given.has("-a") or call.given.has("--append")
    found = [written(name, is_added=is_added) for name in call.given.positional]
    effect, why = max(found, default=(Effect.LOOKS, "passes text on"))
    return Verdict(effect, why or "passes text on")


def copy(call: Call) -> Verdict:
    """Judge cp and scp."""
    given = call.given
    names = list(given.positional)
    target = given.value("-t", "--target-directory") or (names[-1] if len(names) > 1 else "")
    if given.has("-n") or given.has("--no-clobber") or given.has("-b") or given.has("--backup"):
        return Verdict(Effect.CHANGES, "copies and keeps what is there")
    sources = names[:-1]
    if not sources:
        return Verdict(Effect.CHANGES, "copies files")
    if _COPY.search(target) or _PASSING.match(target) or target in (".", "./") or target.endswith("/"):
        return Verdict(Effect.CHANGES, "makes a copy")
    if _is_container_path(target) or target.rstrip("*") in ("",):
        return Verdict(Effect.CHANGES, "makes a copy")
    if any(_COPY.search(source) or re.search(r"backup|latest", source, re.IGNORECASE) for source in sources):
        return Verdict(Effect.DESTROYS, "restores over what is there without keeping it")
    if _STANDING.search(target):
        return Verdict(Effect.DESTROYS, "replaces a file without keeping it")
    return Verdict(Effect.CHANGES, "copies files, over those of the same name")


def _is_container_path(target: str) -> bool:
    """Say whether the target is a folder on another machine (`host:/folder`, `host:`)."""
    return re.fullmatch(r"[\w.@\-<>]+:(?:[\w./\-]*/)?", target) is not None


def move(call: Call) -> Verdict:
    """Judge mv: the name is free afterwards, and what the new name held is lost."""
    given = call.given
    names = list(given.positional)
    target = names[-1] if len(names) > 1 else ""
    if given.has("-n") or given.has("-b") or given.has("--backup"):
        return Verdict(Effect.CHANGES, "renames and keeps what is there")
    if _COPY.search(target) or _PASSING.match(target) or target.endswith("/"):
        return Verdict(Effect.CHANGES, "moves files")
    if any(_COPY.search(source) for source in names[:-1]) or _STANDING.search(target):
        return Verdict(Effect.DESTROYS, "replaces a file without keeping it")
    return Verdict(Effect.CHANGES, "moves files, over those of the same name")


def dd(call: Call) -> Verdict:
    """Judge dd by where it writes."""
    to = next((word[3:] for word in call.texts if word.startswith("of=")), "")
    if not to:
        return Verdict(Effect.LOOKS, "prints blocks")
    if _NOWHERE.match(to):
        return Verdict(Effect.LOOKS, "reads blocks")
    if _PASSING.match(to) or (re.search(r"test|tmp", to, re.IGNORECASE) and not _DEVICE.match(to)):
        return Verdict(Effect.CHANGES, "writes a file")
    return Verdict(Effect.DESTROYS, "overwrites a file or a disk")


def tar(call: Call) -> Verdict:
    """Judge tar by its letters, with or without a dash."""
    words = call.texts
    if any(
        re.match(
            r"--(?:to-command|checkpoint-action|use-compress-program|rsh-command|info-script|new-volume-script)", w
        )
        for w in words
    ):
        return Verdict(Effect.CHANGES, "the option starts a program", is_known=False)
    if any(word in ("-I", "-F") for word in words):
        return Verdict(Effect.CHANGES, "the option starts a program", is_known=False)
    first = words[0] if words else ""
    letters = first.lstrip("-") if not first.startswith("--") else ""
    letters += "".join(word[1:] for word in words[1:] if re.fullmatch(r"-[a-zA-Z]+", word))
    if "t" in letters or "--list" in words:
        return Verdict(Effect.LOOKS, "lists an archive")
    if "d" in letters and "x" not in letters and "c" not in letters:
        return Verdict(Effect.LOOKS, "compares an archive")
    if "x" in letters or "--extract" in words:
        into = call.given.value("-C", "--directory") or next((b for a, b in pairwise(words) if a == "-C"), "")
        if into == "/" or _STANDING.match(into.rstrip("/") + "/"):
            return Verdict(Effect.DESTROYS, f"replaces the files in {into[:60]} by those of an archive")
        return Verdict(Effect.CHANGES, "writes the files of an archive, over those of the same name")
    if "--remove-files" in words:
        return Verdict(Effect.DESTROYS, "removes the files it packs")
    return Verdict(Effect.CHANGES, "writes an archive")
