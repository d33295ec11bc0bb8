"""The tables of `sqlite`."""

from __future__ import annotations

from crashcart.model.spec import (
    Alarm,
    ArgSpec,
    Cost,
    Dimension,
    Failure,
    FieldSpec,
    Form,
    KindSpec,
    LookSpec,
    StateSpec,
)

ANSWERS = ("ok", "empty", "locked", "corrupt", "foreign", "unfinished")
LEVELS = ("free", "writing", "exclusive")
_NAME = (Form.STRING, Form.REF)

_ANSWER = FieldSpec("answer", Dimension.WORD, "what the file says when it is read", ANSWERS)
_ANSWER_STATES = (
    StateSpec("readable", "answer", "ok", "it can be read"),
    StateSpec("empty", "answer", "empty", "there is not one byte in the file"),
    StateSpec("locked", "answer", "locked", "even readers are kept out"),
    StateSpec("corrupt", "answer", "corrupt", "its pages do not hold together"),
    StateSpec("foreign", "answer", "foreign", "it is no SQLite file, or its first page is overwritten"),
    StateSpec(
        "unfinished", "answer", "unfinished", "a transaction was cut off; whoever may write has to open it first"
    ),
)

_LOCK = LookSpec(
    name="lock",
    summary="who keeps others from writing; watched for half a second, as every writer holds the lock for a moment",
    args=(),
    fields=(
        FieldSpec("is_locked", Dimension.FLAG, "one process held the write lock all the while, and committed nothing"),
        FieldSpec("level", Dimension.WORD, "exclusive: nobody may even read", LEVELS),
        FieldSpec("pid", Dimension.NUMBER, "the process that holds it"),
        FieldSpec("command", Dimension.TEXT, "its command line, redacted"),
        FieldSpec("age", Dimension.TIME, "since that process was started"),
    ),
    states=(
        StateSpec("locked", "is_locked", True, "one process keeps all others from writing"),
        StateSpec("free", "is_locked", False, "nobody does, or for a moment only"),
        StateSpec("exclusive", "level", "exclusive", "one process keeps all others from reading too"),
    ),
    cost=Cost.SLOW,
    alarm=Alarm.STATE,
)

_JOURNAL = LookSpec(
    name="journal",
    summary="the write-ahead log: how long it is, what of it is not yet in the database, and who keeps it so",
    args=(),
    fields=(
        FieldSpec("mode", Dimension.WORD, "wal: a write-ahead log; rollback: any other", ("wal", "rollback")),
        FieldSpec("wal", Dimension.BYTES, "size of the write-ahead log"),
        FieldSpec("rollback", Dimension.BYTES, "size of the rollback journal"),
        FieldSpec("pages", Dimension.NUMBER, "pages in the log since it was last begun anew"),
        FieldSpec("pending", Dimension.NUMBER, "those of them that are not yet in the database"),
        FieldSpec("is_pinned", Dimension.FLAG, "one reader of an old state held it for half a second"),
        FieldSpec("pid", Dimension.NUMBER, "the process of that reader"),
        FieldSpec("command", Dimension.TEXT, "its command line, redacted"),
        FieldSpec("age", Dimension.TIME, "since that process was started"),
    ),
    states=(
        StateSpec("pinned", "is_pinned", True, "a reader that does not end keeps the log from being written back"),
        StateSpec("wal", "mode", "wal", "it has a write-ahead log"),
    ),
    cost=Cost.SLOW,
    alarm=Alarm.STATE,
    is_watched=True,
)

_INTEGRITY = LookSpec(
    name="integrity",
    summary="whether its pages hold together (`quick_check`, 2 s at most)",
    args=(),
    fields=(_ANSWER, FieldSpec("detail", Dimension.TEXT, "the first thing that is wrong")),
    states=_ANSWER_STATES,
    cost=Cost.SLOW,
    alarm=Alarm.STATE,
)

_SCHEMA = LookSpec(
    name="schema",
    summary="tables, columns, indexes and the revision; of those named, whether all are there",
    args=(
        ArgSpec("table", _NAME, "a table or a view", lead="table"),
        ArgSpec("column", _NAME, "a column of that table", lead="column"),
        ArgSpec(
            "index", _NAME, "the name of an index, or the column of that table with which one begins", lead="index"
        ),
    ),
    fields=(
        _ANSWER,
        FieldSpec("is_present", Dimension.FLAG, "all that is named is there"),
        FieldSpec("tables", Dimension.NUMBER, "how many tables there are"),
        FieldSpec("indexes", Dimension.NUMBER, "how many indexes were made, those of keys not counted"),
        FieldSpec("revision", Dimension.TEXT, "the revision that Alembic has left there"),
        FieldSpec("version", Dimension.NUMBER, "the number that `PRAGMA user_version` tells"),
        FieldSpec("fingerprint", Dimension.TEXT, "equal for equal schemas"),
    ),
    states=(
        StateSpec("present", "is_present", True, "it is there"),
        StateSpec("absent", "is_present", False, "it is not there"),
        *_ANSWER_STATES,
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
)

_ROWS = LookSpec(
    name="rows",
    summary="how many rows a table has, or those of them that hold one value, and how old the oldest is; a million at most",
    args=(
        ArgSpec("table", _NAME, "the table", is_required=True),
        ArgSpec("column", _NAME, "the column to compare", lead="where"),
        ArgSpec("value", _NAME, "the value it must hold", lead="is"),
        ArgSpec("by", _NAME, "the column that tells since when a row has been so", lead="by"),
    ),
    fields=(
        _ANSWER,
        FieldSpec("count", Dimension.NUMBER, "how many"),
        FieldSpec("is_partial", Dimension.FLAG, "there are more: the count ends at a million"),
        FieldSpec("oldest", Dimension.TIME, "since the earliest moment in the column after `by`; 0 without any row"),
        FieldSpec("is_present", Dimension.FLAG, "table and column are there"),
    ),
    states=(StateSpec("absent", "is_present", False, "table or column is not there"), *_ANSWER_STATES),
    cost=Cost.SLOW,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

_SETTINGS = LookSpec(
    name="settings",
    summary="what the file says about itself",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec("size", Dimension.BYTES, "size of the database, its log not counted"),
        FieldSpec("free", Dimension.PERCENT, "pages that were given free and are still in the file"),
        FieldSpec("page", Dimension.BYTES, "size of a page"),
        FieldSpec("vacuum", Dimension.WORD, "how free pages are given back", ("none", "full", "incremental")),
    ),
    states=_ANSWER_STATES,
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

SPEC = KindSpec(
    name="sqlite",
    summary="Is it locked, damaged, grown, behind? Reads the file of a running service and makes none beside it.",
    looks=(_LOCK, _JOURNAL, _INTEGRITY, _SCHEMA, _ROWS, _SETTINGS),
    failures=(
        Failure("lock: a process holds the write lock", "seen: is_locked, level = writing, pid, command, age"),
        Failure("lock: a process keeps readers out too", "seen: is_locked, level = exclusive"),
        Failure("lock: nobody holds it", "seen: is_locked no, level = free"),
        Failure("lock: its holder is hidden from us", "seen: is_locked; no pid, command, age"),
        Failure("journal: there is a write-ahead log", "seen: mode = wal, wal, pages, pending, is_pinned"),
        Failure("journal: a reader of an old state does not end", "seen: is_pinned, pid, command, age"),
        Failure("journal: there is none", "seen: mode = rollback, wal 0, pending 0"),
        Failure("it can be read", "seen: answer = ok, and the rest"),
        Failure("there is not one byte in it", "seen: answer = empty"),
        Failure("readers are kept out", "seen: answer = locked"),
        Failure("its pages do not hold together", "seen: answer = corrupt, detail if the check found it"),
        Failure("it is no SQLite file", "seen: answer = foreign"),
        Failure("a transaction was cut off", "seen: answer = unfinished"),
        Failure("schema: what is named is not there", "seen: is_present no"),
        Failure("rows: the table or column is not there", "seen: is_present no; no count"),
        Failure("rows: there are more than a million", "seen: count 1000000, is_partial"),
        Failure("it does not answer within our time", "unseen: not within so many seconds"),
        Failure("there is no such file", "unseen: no such file"),
        Failure("the file may not be read", "unseen: not permitted"),
        Failure("the path is not known", "unseen: NAME has no path"),
    ),
    needs=("path",),
)
