"""The tables of `postgres`."""

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

CONNECTS = ("ok", "refused", "reset", "timeout", "dns", "unreachable")
ANSWERS = (
    "ok", "unready", "full", "password", "role", "forbidden", "database", "tls", "error", "silent", "unreached",
)  # fmt: skip
HOLDERS = ("none", "idle", "active", "prepared", "hidden")
_NAME = (Form.STRING, Form.REF)

_CONNECT = FieldSpec("connect", Dimension.WORD, "how the connection ended", CONNECTS)
_ANSWER = FieldSpec("answer", Dimension.WORD, "what the server said to us", ANSWERS)
_STATES = (
    StateSpec("ok", "answer", "ok", "it takes us"),
    StateSpec("unready", "answer", "unready", "it takes nobody now: it starts, reads back its log, or stops"),
    StateSpec("full", "answer", "full", "it has no connection left for the likes of us"),
    StateSpec("password", "answer", "password", "it does not take the password in our url (or there is no such role)"),
    StateSpec("role", "answer", "role", "there is no such role, or it may not log in"),
    StateSpec("forbidden", "answer", "forbidden", "its access list (`pg_hba.conf`) or its grants keep us out"),
    StateSpec("database", "answer", "database", "there is no such database"),
    StateSpec("tls", "answer", "tls", "it and we do not agree about encryption"),
    StateSpec("silent", "answer", "silent", "connected, and no answer came in time"),
    StateSpec("refused", "connect", "refused", "the machine is there and nothing listens on the port"),
    StateSpec("timeout", "connect", "timeout", "no connection in time"),
    StateSpec("dns", "connect", "dns", "the name did not resolve in time, or does not exist"),
)

_DOOR = LookSpec(
    name="",
    summary="does it let us in, and what does it say of itself? Runs no statement",
    args=(),
    fields=(
        _CONNECT,
        _ANSWER,
        FieldSpec("detail", Dimension.TEXT, "why not, in the server's own words, redacted"),
        FieldSpec("is_standby", Dimension.FLAG, "it follows another server, or waits for one to follow"),
        FieldSpec("is_read_only", Dimension.FLAG, "a new transaction of ours may not write, unless it asks to"),
        FieldSpec("version", Dimension.NUMBER, "its major version"),
        FieldSpec("took", Dimension.TIME, "until all that was told"),
    ),
    states=(
        *_STATES,
        StateSpec("standby", "is_standby", True, "it follows another server, so nobody can write here"),
        StateSpec("readonly", "is_read_only", True, "a setting, or being a standby, keeps new transactions from writing"),
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
    is_watched=True,
)  # fmt: skip

_CONNECTIONS = LookSpec(
    name="connections",
    summary="how many connections are in use, of all databases of the server; ours are not counted",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec("used", Dimension.NUMBER, "connections of clients"),
        FieldSpec("limit", Dimension.NUMBER, "how many there may be, those kept for administrators left out"),
        FieldSpec("left", Dimension.NUMBER, "how many more may come, by the limits of server, database and role"),
        FieldSpec("most", Dimension.NUMBER, "those of the program that has the most"),
        FieldSpec("most_by", Dimension.TEXT, "its name as it gave it (`application_name`), or its role"),
    ),
    states=_STATES[:-3],
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
    is_watched=True,
)

_SESSIONS = LookSpec(
    name="sessions",
    summary="what the sessions of this database do; a time is 0 when there is none of them",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec("active", Dimension.NUMBER, "those that run a statement"),
        FieldSpec("idle", Dimension.NUMBER, "those that wait for their client, outside a transaction"),
        FieldSpec("open", Dimension.NUMBER, "those that wait for their client inside an open transaction"),
        FieldSpec("open_idle", Dimension.TIME, "the longest wait of those"),
        FieldSpec("open_by", Dimension.TEXT, "whose that is, by its program or its role"),
        FieldSpec("longest", Dimension.TIME, "the longest-running statement"),
        FieldSpec("longest_by", Dimension.TEXT, "whose that is"),
        FieldSpec("longest_does", Dimension.TEXT, "what it does: its first words alone, SELECT or ALTER TABLE"),
        FieldSpec("oldest", Dimension.TIME, "the oldest open transaction"),
        FieldSpec("prepared", Dimension.NUMBER, "prepared transactions: they have no session, and wait to be ended"),
        FieldSpec("hidden", Dimension.NUMBER, "sessions of which our role may not see what they do"),
    ),
    states=_STATES[:-3],
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

_LOCKS = LookSpec(
    name="locks",
    summary="who waits for a lock in this database",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec("is_blocked", Dimension.FLAG, "somebody has waited for a second or longer"),
        FieldSpec("waiting", Dimension.NUMBER, "how many wait at this moment"),
        FieldSpec("longest", Dimension.TIME, "the longest wait; 0 when nobody waits"),
        FieldSpec("exclusive", Dimension.NUMBER, "those that want a table for themselves alone, as ALTER TABLE does"),
        FieldSpec("table", Dimension.TEXT, "the table that the longest waits for"),
        FieldSpec("wants", Dimension.TEXT, "what the longest would do: its first words alone, UPDATE or ALTER TABLE"),
    ),
    states=(
        StateSpec("blocked", "is_blocked", True, "somebody has waited for a second or longer"),
        *_STATES[:-3],
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
    is_watched=True,
)  # fmt: skip

_HOLDER = LookSpec(
    name="holder",
    summary="who keeps others waiting for a second or longer: the one who stands first before them, and waits for nobody",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec(
            "state",
            Dimension.WORD,
            "nobody, or: idle in an open transaction, active, a prepared transaction that has no session, hidden from our role",
            HOLDERS,
        ),
        FieldSpec("pid", Dimension.NUMBER, "its process"),
        FieldSpec("by", Dimension.TEXT, "whose that is, by its program or its role"),
        FieldSpec("does", Dimension.TEXT, "its last statement: the first words alone"),
        FieldSpec("idle", Dimension.TIME, "how long it has done nothing"),
        FieldSpec("age", Dimension.TIME, "how long its transaction is open"),
    ),
    states=(
        StateSpec("idle", "state", "idle", "it has begun a transaction and does nothing"),
        StateSpec("active", "state", "active", "it is at work"),
        StateSpec("prepared", "state", "prepared", "a prepared transaction that nobody has ended"),
        StateSpec("nobody", "state", "none", "nobody keeps anybody waiting for long"),
        *_STATES[:-3],
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
)

_TABLES = LookSpec(
    name="tables",
    summary="how the tables fare, by the server's own statistics: dead rows, and large tables that are read whole",
    args=(),
    fields=(
        _ANSWER,
        FieldSpec("walked", Dimension.NUMBER, "rows a second that were read by walking through large tables (10,000 rows)"),
        FieldSpec("walks", Dimension.NUMBER, "how often a second such a table was walked through"),
        FieldSpec("walked_in", Dimension.TEXT, "the table where most of that was read"),
        FieldSpec("dead", Dimension.NUMBER, "dead rows of the table that has the most"),
        FieldSpec("dead_share", Dimension.PERCENT, "their share of that table"),
        FieldSpec("dead_in", Dimension.TEXT, "that table"),
        FieldSpec("uncounted", Dimension.NUMBER, "large tables that were never analyzed"),
        FieldSpec("size", Dimension.BYTES, "size of the database"),
    ),
    states=_STATES[:-3],
    cost=Cost.SLOW,
    alarm=Alarm.THRESHOLD,
)  # fmt: skip

_SCHEMA = LookSpec(
    name="schema",
    summary="tables, columns, indexes and the revision; of those named, whether all are there",
    args=(
        ArgSpec("table", _NAME, "a table or a view, with its schema unless it is found without", lead="table"),
        ArgSpec("column", _NAME, "a column of that table", lead="column"),
        ArgSpec(
            "index", _NAME, "the name of an index, or the column of that table with which one begins", lead="index"
        ),
    ),
    fields=(
        _ANSWER,
        FieldSpec("is_present", Dimension.FLAG, "all that is named is there, and usable"),
        FieldSpec("tables", Dimension.NUMBER, "how many tables there are"),
        FieldSpec("indexes", Dimension.NUMBER, "how many usable indexes they have, those of keys counted"),
        FieldSpec("revision", Dimension.TEXT, "the revision that Alembic has left there"),
        FieldSpec("fingerprint", Dimension.TEXT, "equal for equal tables and columns"),
    ),
    states=(
        StateSpec("present", "is_present", True, "it is there"),
        StateSpec("absent", "is_present", False, "it is not there"),
        *_STATES[:-3],
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
)

SPEC = KindSpec(
    name="postgres",
    summary="Does PostgreSQL let us in, who waits for whom, what is there? Named looks; reads only.",
    looks=(_DOOR, _CONNECTIONS, _SESSIONS, _LOCKS, _HOLDER, _TABLES, _SCHEMA),
    failures=(
        Failure("it takes us", "seen: answer = ok, version, is_standby, is_read_only"),
        Failure("nothing listens", "seen: connect = refused, answer = unreached"),
        Failure("the name does not resolve", "seen: connect = dns"),
        Failure("it accepts and says nothing in time", "seen: answer = silent"),
        Failure("it starts, reads back its log, or stops", "seen: answer = unready, detail"),
        Failure("it has no connection left", "seen: answer = full, detail; connections: left 0"),
        Failure("it does not take the password", "seen: answer = password, detail"),
        Failure("there is no such role", "seen: answer = role; password when its access list asks for one first"),
        Failure("its access list keeps us out", "seen: answer = forbidden, detail"),
        Failure("there is no such database", "seen: answer = database, detail"),
        Failure("it and we do not agree about encryption", "seen: answer = tls, detail"),
        Failure("something else answers there", "seen: answer = error, detail"),
        Failure("it follows another server", "seen: is_standby, is_read_only"),
        Failure("a setting keeps transactions from writing", "seen: is_read_only; is_standby no"),
        Failure("connections: a role or a database has a limit of its own", "seen: left by that limit"),
        Failure("connections: ours would be the last", "seen: left 1, and we have gone again; other looks unseen"),
        Failure("sessions: one waits in an open transaction", "seen: open, open_idle, open_by"),
        Failure("sessions: a statement runs for long", "seen: longest, longest_by, longest_does"),
        Failure("sessions: those of others are hidden from our role", "seen: hidden; no time that would say there is none"),
        Failure("locks: nobody waits", "seen: is_blocked no, waiting 0, longest 0"),
        Failure("locks: one waits for a row", "seen: is_blocked, waiting, longest, table, wants"),
        Failure("locks: one wants a whole table, and others wait behind it", "seen: exclusive, waiting"),
        Failure("holder: nobody waits for long", "seen: state = none"),
        Failure("holder: it is idle in its transaction", "seen: state = idle, pid, by, does, idle, age"),
        Failure("holder: it is at work", "seen: state = active, the first before all who wait"),
        Failure("holder: it is a prepared transaction", "seen: state = prepared, age"),
        Failure("holder: it is hidden from our role", "seen: state = hidden, pid; no idle, age"),
        Failure("tables: a large table is read whole, again and again", "seen: walked, walks, walked_in"),
        Failure("tables: there is none", "seen: walked 0, dead 0, uncounted 0"),
        Failure("schema: what is named is not there", "seen: is_present no"),
        Failure("schema: the table of the revision is locked", "seen: all but revision"),
        Failure("our role may not look", "unseen: not permitted"),
        Failure("a table of the system is locked", "unseen: does not wait for a lock"),
        Failure("it does not answer a question in time", "unseen: not within so many seconds"),
        Failure("a pooler takes no session settings", "unseen: names what to ask instead"),
        Failure("it asks for a password, and the url has none", "unseen: no password"),
        Failure("the url names no role", "seen: connect alone; other looks unseen"),
        Failure("the driver is not installed", "unseen: driver missing"),
        Failure("the url is not one of PostgreSQL", "unseen: not a postgresql url"),
        Failure("the url is not known", "unseen: has no url"),
    ),
    needs=("url",),
)  # fmt: skip
