"""What short programs for awk, sed and MongoDB's shell do; what is not understood is no look."""

from __future__ import annotations

import re

from .model import Effect

MAX_CHARS = 20_000

_Found = tuple[Effect, str, bool]
_UNKNOWN: _Found = (Effect.CHANGES, "code that is not understood", False)

_MONGO_LOOKS = re.compile(
    r"(?:db|rs|sh|process|print\w*|JSON|Object|tojson)$|(?:find|findOne|count|countDocuments|estimatedDocumentCount|stats|"
    r"status|serverStatus|currentOp|isMaster|hello|getIndexes|getCollectionNames|getSiblingDB|getCollection|limit|sort|pretty|"
    r"explain|distinct|printReplicationInfo|printSecondaryReplicationInfo|conf|version|getMongo|toArray|forEach|map|"
    r"printjson|print|hostInfo|listCommands|storageSize|totalSize|dataSize|skip|projection|adminCommandPing|length|keys|"
    r"getUsers|getRoles|getProfilingStatus|latencyStats|top|stringify|tojson)$"
)
_MONGO_DESTROYS = re.compile(r"\b(?:drop\w*|remove|deleteOne|deleteMany|findOneAndDelete|bulkWrite)\s*\(")
_MONGO_RESTARTS = re.compile(r"\b(?:killOp|shutdownServer|stepDown|reconfig|fsyncLock)\s*\(")


def judge_mongo(text: str) -> _Found:
    """Judge JavaScript for a MongoDB shell by the methods it calls; one that is not known is no look."""
    if _MONGO_DESTROYS.search(text):
        return Effect.DESTROYS, "removes documents or collections", True
    if _MONGO_RESTARTS.search(text):
        return Effect.RESTARTS, "ends operations or changes the leader", True
    calls = re.findall(r"([A-Za-z_]\w*)\s*\(", text[:MAX_CHARS])
    strange = [name for name in calls if _MONGO_LOOKS.fullmatch(name) is None and _MONGO_LOOKS.match(name) is None]
    if strange == ["runCommand"] or strange == ["adminCommand"]:
        command = re.search(r"ommand\(\s*(?:\{\s*)?['\"]?(\w+)", text)
        safe = {
            "ping",
            "serverStatus",
            "dbStats",
            "collStats",
            "isMaster",
            "hello",
            "buildInfo",
            "getParameter",
            "replSetGetStatus",
            "currentOp",
            "top",
            "connPoolStats",
            "listDatabases",
        }
        if command is not None and command[1] in safe:
            return Effect.LOOKS, "shows the state of the server", True
    if strange or re.search(r"[\])]\s*\(|=(?![=>])|`", text) or len(text) > MAX_CHARS:
        return Effect.CHANGES, f"calls {(strange or ['something'])[0][:30]}, which is not known", False
    return Effect.LOOKS, "reads documents or state", True


def judge_awk(text: str) -> _Found:
    """Judge an awk program: it looks, unless it starts programs or writes files."""
    if len(text) > MAX_CHARS:
        return _UNKNOWN
    bare = _awk_without_texts(text)
    if re.search(r"system\s*\(", text) or re.search(r"\|\s*(?:\"|&)|getline|@(?:load|include)|\bclose\b", bare):
        return Effect.CHANGES, "awk starts programs or reads other files", False
    if re.search(r"\b(?:print|printf)\b[^;}\n]*(?:>|\|)", re.sub(r"\([^()]*\)", "", bare)):
        return Effect.DESTROYS, "awk writes a file", True
    return Effect.LOOKS, "filters text", True


def _awk_without_texts(text: str) -> str:
    """Return an awk program with strings as `"` and patterns as `/`. A slash behind a value divides."""
    found: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        before = next((piece for piece in reversed(found) if not piece.isspace()), "")
        if letter == '"' or (letter == "/" and not re.match(r"[\w$)\]]", before)):
            end = re.compile(rf"(?:[^\\{letter}\n]|\\.)*{letter}").match(text, at + 1)
            at = len(text) if end is None else end.end()
            found.append(letter)
            continue
        found.append(letter)
        at += 1
    return "".join(found)


_SED_ADDRESS = re.compile(r"\s*(?:\d+(?:~\d+)?|\$|/(?:[^/\\\n]|\\.)*/[IM]*|[+~]\d+)?\s*")
_SED_PLAIN = frozenset("dDgGhHlnNpPqQxz=F")


def judge_sed(text: str) -> _Found:
    """Judge a sed script by reading it command by command: it looks, unless it writes files or starts programs."""
    at = 0
    while at < len(text):
        if text[at] in " \t\n;{}":
            at += 1
            continue
        at = _sed_addresses(text, at)
        letter = text[at : at + 1]
        if letter in ("s", "y"):
            found = re.compile(
                r"[sy](?P<mark>[^\s\\])(?:\\.|(?!(?P=mark)).)*(?P=mark)(?:\\.|(?!(?P=mark)).)*(?P=mark)(?P<flags>[\w ]*)",
                re.S,
            ).match(text, at)
            if found is None:
                return Effect.CHANGES, "a sed script that is not understood", False
            flags = found["flags"].split(" ")[0]
            if "e" in flags:
                return Effect.CHANGES, "sed starts programs", False
            if "w" in flags:
                return Effect.DESTROYS, "sed writes a file", True
            at = found.end("mark") if found.end() <= at else found.start("flags") + len(flags)
        elif letter in ("a", "i", "c", "r", "R", "b", "t", "T", ":", "#"):
            at = next(
                (
                    place
                    for place in range(at, len(text))
                    if text[place] == "\n" or (letter in "btT:" and text[place] == ";")
                ),
                len(text),
            )
        elif letter in _SED_PLAIN:
            at += 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip(" 0123456789"))
        elif letter in ("{", "}", "", ";", "\n"):
            at += 1
        else:
            is_write = letter in ("w", "W")
            return (
                (Effect.DESTROYS, "sed writes a file", True)
                if is_write
                else (Effect.CHANGES, "sed starts programs or does what is not understood", False)
            )
    return Effect.LOOKS, "filters text", True


def _sed_addresses(text: str, at: int) -> int:
    """Return where the command begins, behind one or two addresses and an exclamation mark."""
    found = _SED_ADDRESS.match(text, at)
    at = found.end() if found is not None else at
    if text[at : at + 1] == ",":
        second = _SED_ADDRESS.match(text, at + 1)
        at = second.end() if second is not None else at + 1
    while text[at : at + 1] in ("!", " ") and at < len(text):
        at += 1
    return at
