"""What a SQL statement does, by its first words and by what it calls."""

from __future__ import annotations

import itertools
import re

from .listing import listed
from .model import Effect

MAX_CHARS = 50_000

# verb -> effect and reason. What is not here is not known, and so no look.
VERBS: dict[str, tuple[Effect, str]] = {
    "select": (Effect.LOOKS, "reads rows"),
    "show": (Effect.LOOKS, "shows settings or state"),
    "explain": (Effect.LOOKS, "shows how a statement would be run"),
    "describe": (Effect.LOOKS, "describes a table"),
    "desc": (Effect.LOOKS, "describes a table"),
    "values": (Effect.LOOKS, "prints rows"),
    "table": (Effect.LOOKS, "reads rows"),
    "use": (Effect.LOOKS, "chooses a database for this session"),
    "set": (Effect.CHANGES, "changes a setting of this session"),
    "reset": (Effect.CHANGES, "changes a setting of this session"),
    "begin": (Effect.LOOKS, "begins a transaction"),
    "start": (Effect.CHANGES, "begins a transaction or a copy"),
    "rollback": (Effect.LOOKS, "drops what the transaction did"),
    "commit": (Effect.CHANGES, "keeps what the transaction did"),
    "end": (Effect.CHANGES, "keeps what the transaction did"),
    "savepoint": (Effect.LOOKS, "marks a place in the transaction"),
    "release": (Effect.LOOKS, "forgets a place in the transaction"),
    "insert": (Effect.CHANGES, "adds rows"),
    "replace": (Effect.DESTROYS, "replaces rows"),
    "merge": (Effect.CHANGES, "adds or changes rows"),
    "update": (Effect.CHANGES, "changes rows"),
    "delete": (Effect.DESTROYS, "removes rows"),
    "truncate": (Effect.DESTROYS, "removes all rows"),
    "drop": (Effect.DESTROYS, "removes an object with its data"),
    "create": (Effect.CHANGES, "makes an object"),
    "alter": (Effect.CHANGES, "changes an object"),
    "comment": (Effect.CHANGES, "changes a comment"),
    "rename": (Effect.CHANGES, "renames a table"),
    "grant": (Effect.CHANGES, "gives rights"),
    "revoke": (Effect.CHANGES, "takes rights"),
    "vacuum": (Effect.CHANGES, "rewrites files and locks"),
    "analyze": (Effect.CHANGES, "renews statistics"),
    "analyse": (Effect.CHANGES, "renews statistics"),
    "optimize": (Effect.CHANGES, "rewrites a table"),
    "reindex": (Effect.CHANGES, "rebuilds indexes and locks"),
    "cluster": (Effect.CHANGES, "rewrites a table and locks it"),
    "refresh": (Effect.CHANGES, "rebuilds a stored view"),
    "checkpoint": (Effect.CHANGES, "writes buffers to disk"),
    "lock": (Effect.CHANGES, "locks a table"),
    "copy": (Effect.CHANGES, "moves rows from or to files"),
    "load": (Effect.CHANGES, "loads rows or code"),
    "attach": (Effect.CHANGES, "opens another database file"),
    "detach": (Effect.CHANGES, "closes a database file"),
    "call": (Effect.CHANGES, "runs a procedure that is not shown"),
    "exec": (Effect.CHANGES, "runs a procedure that is not shown"),
    "execute": (Effect.CHANGES, "runs a statement that is not shown"),
    "do": (Effect.CHANGES, "runs code"),
    "kill": (Effect.RESTARTS, "ends a session"),
    "flush": (Effect.CHANGES, "empties caches"),
    "purge": (Effect.DESTROYS, "removes logs"),
    "stop": (Effect.RESTARTS, "stops a copy"),
    "shutdown": (Effect.RESTARTS, "stops the server"),
    "notify": (Effect.CHANGES, "sends a message"),
    "listen": (Effect.LOOKS, "waits for messages"),
    "discard": (Effect.CHANGES, "forgets what the session set"),
    "import": (Effect.CHANGES, "loads rows"),
    "system": (Effect.CHANGES, "acts on the server"),
    "install": (Effect.CHANGES, "installs an extension"),
    "repair": (Effect.CHANGES, "repairs a table"),
    "check": (Effect.LOOKS, "checks a table"),
}

# function -> effect and reason, in any statement.
ACTING: dict[str, tuple[Effect, str]] = {
    "pg_terminate_backend": (Effect.RESTARTS, "ends sessions"),
    "pg_cancel_backend": (Effect.CHANGES, "cancels statements"),
    "pg_reload_conf": (Effect.CHANGES, "has the server read its settings again"),
    "pg_rotate_logfile": (Effect.CHANGES, "begins a new log"),
    "pg_switch_wal": (Effect.CHANGES, "begins a new log segment"),
    "pg_promote": (Effect.RESTARTS, "makes a copy the leader"),
    "pg_stat_reset": (Effect.DESTROYS, "clears statistics"),
    "pg_stat_statements_reset": (Effect.DESTROYS, "clears statistics"),
    "pg_drop_replication_slot": (Effect.DESTROYS, "removes a slot that a copy may need"),
    "pg_create_physical_replication_slot": (Effect.CHANGES, "makes a slot"),
    "pg_advisory_lock": (Effect.CHANGES, "takes a lock"),
    "pg_advisory_unlock": (Effect.CHANGES, "gives a lock back"),
    "pg_advisory_unlock_all": (Effect.CHANGES, "gives locks back"),
    "setval": (Effect.CHANGES, "changes a sequence"),
    "nextval": (Effect.CHANGES, "advances a sequence"),
    "lo_unlink": (Effect.DESTROYS, "removes a large object"),
    "lo_import": (Effect.CHANGES, "loads a file"),
    "lo_export": (Effect.CHANGES, "writes a file"),
    "set_config": (Effect.CHANGES, "changes a setting"),
    "pg_wal_replay_pause": (Effect.RESTARTS, "stops a copy"),
    "pg_wal_replay_resume": (Effect.CHANGES, "lets a copy go on"),
    "load_extension": (Effect.CHANGES, "loads code"),
    "writefile": (Effect.DESTROYS, "writes a file"),
    "sleep": (Effect.LOOKS, "waits"),
    "pg_sleep": (Effect.LOOKS, "waits"),
}
_SAFE = listed(
    """count sum avg min max now current_timestamp current_date date datetime time strftime julianday unixepoch extract
    date_trunc date_part age to_char to_timestamp to_date to_number interval coalesce nullif greatest least case
    cast convert round floor ceil ceiling abs mod power sqrt random rand length char_length octet_length lower upper
    trim ltrim rtrim substring substr replace concat concat_ws left right position strpos split_part regexp_replace
    regexp_matches regexp_match format md5 sha256 encode decode string_agg array_agg array_length unnest array
    row_number rank dense_rank lag lead first_value last_value ntile percentile_cont percentile_disc over partition
    filter within exists in any all some not and or like values distinct on using as from where having by limit
    offset join group order union when then else end version current_user current_database current_schema
    session_user user database schema if ifnull isnull iif typeof total changes last_insert_rowid group_concat
    generate_series row to_json to_jsonb json_agg jsonb_agg json_extract json_each json_build_object
    jsonb_build_object json_object json_array row_to_json inet_server_addr inet_client_addr txid_current_if_assigned
    to_regclass has_table_privilege format_type quote_ident quote_literal current_setting obj_description
    col_description timestampdiff datediff date_sub date_add date_format from_unixtime unix_timestamp curdate
    curtime hour minute second day month year bit_length ascii chr lpad rpad reverse repeat sign exp ln log isfinite
    justify_hours make_interval txid_current pg_postmaster_start_time bool_and bool_or stddev variance corr
    width_bucket histogram quantile uniq countif sumif avgif todate todatetime tostartofhour tostartofminute
    formatreadablesize information_schema key index primary unique references check constraint varchar numeric
    decimal char timestamp integer int text float double print printf total_changes instr hex quote zeroblob analyze
    buffers verbose costs timing with recursive materialized lateral select insert into tables columns"""
)
_SAFE_PREFIX = (
    "pg_stat_get_", "pg_size_", "pg_database_size", "pg_table_size", "pg_total_relation_size", "pg_relation_size",
    "pg_indexes_size", "pg_blocking_pids", "pg_get_", "pg_is_in_", "pg_last_", "pg_current_", "pg_wal_lsn_diff",
    "pg_encoding", "pg_backend_pid", "pg_conf_load_time", "pg_tablespace_", "pg_locks", "pg_column_size", "pg_safe_",
    "pragma_", "json_", "jsonb_", "array_", "st_as", "to_", "is", "has_", "pg_ls_", "pg_stat_file", "pg_filenode",
    "pg_identify", "pg_describe", "pg_mcv", "pg_typeof", "pg_input_is", "pg_settings", "pg_show_", "pg_visible",
)  # fmt: skip
_PRAGMA_READS = listed(
    """integrity_check quick_check foreign_key_check table_info table_xinfo index_list index_info database_list
    compile_options page_count freelist_count foreign_key_list function_list collation_list module_list pragma_list
    stats wal_checkpoint_status data_version"""
)

_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|[A-Za-z_][\w.]*|\d+|\S", re.S
)


def tokens(text: str) -> list[str]:
    """Return words and marks of SQL in small letters; strings are ``'``, comments are left out."""
    found: list[str] = []
    for match in _TOKEN.finditer(text[:MAX_CHARS]):
        word = match.group()
        if word.startswith(("--", "/*")):
            continue
        is_string = word[0] == "'" or (word[0] == "$" and len(word) > 1)
        found.append("'" if is_string else word.lower())
    return found


def statements(text: str) -> list[list[str]]:
    """Split into statements, as words in small letters."""
    found: list[list[str]] = [[]]
    for token in tokens(text):
        if token == ";":
            found.append([])
        else:
            found[-1].append(token)
    return [words for words in found if words]


def judge_sql(text: str) -> tuple[Effect, str, bool]:
    """Return the worst effect of the statements, why, and whether all is known."""
    if len(text) > MAX_CHARS or "/*!" in text:
        return Effect.CHANGES, "a statement that is too long or hides parts in comments", False
    worst: tuple[Effect, str, bool] = (Effect.LOOKS, "no statement", True)
    for place, words in enumerate(statements(text)):
        verdict = _statement(words)
        if place == 0 or verdict[0] > worst[0]:
            worst = (verdict[0], verdict[1], verdict[2] and worst[2])
    return worst


def _statement(words: list[str]) -> tuple[Effect, str, bool]:
    verb = words[0].lstrip("(") or (words[1] if len(words) > 1 else "")
    if verb == "pragma":
        return _pragma(words)
    if verb == "with":
        return _with(words)
    if verb == "explain":
        return _explain(words)
    if verb not in VERBS:
        return Effect.CHANGES, f"a statement that is not known: {verb[:20]}", False
    effect, reason = _special(verb, words) or VERBS[verb]
    called = _calls(words)
    if called is not None and called[0] > effect:
        return called[0], called[1], called[2]
    return effect, reason, True


def _special(verb: str, words: list[str]) -> tuple[Effect, str] | None:
    held = set(words)
    match verb:
        case "update" if "where" not in held:
            return Effect.DESTROYS, "changes all rows and keeps no old value"
        case "select" if "outfile" in held or "dumpfile" in held:
            return Effect.CHANGES, "writes a file"
        case "select" if "into" in held:
            return Effect.CHANGES, "makes a table or sets a variable"
        case "select" if _ends_in_lock(words):
            return Effect.CHANGES, "locks the rows it reads"
        case "alter" if "drop" in held and ("column" in held or "partition" in held):
            return Effect.DESTROYS, "removes a column or a partition with its data"
        case "alter" if "system" in held:
            return Effect.CHANGES, "changes a setting of the server"
        case "create" if words[1:3] == ["or", "replace"] and "table" in held:
            return Effect.DESTROYS, "replaces a table with its data"
        case "copy" if "program" in held:
            return Effect.CHANGES, "runs a program on the server"
        case "copy" if "stdout" in held:
            return Effect.LOOKS, "prints rows"
        case "reset" if len(words) > 1 and words[1] in ("master", "slave", "replica", "binary"):
            return Effect.DESTROYS, "forgets the state of a copy"
        case "insert" if "overwrite" in held:
            return Effect.DESTROYS, "replaces rows"
        case "start" if len(words) > 1 and words[1] == "transaction":
            return Effect.LOOKS, "begins a transaction"
    return None


def _ends_in_lock(words: list[str]) -> bool:
    pairs = list(itertools.pairwise(words))
    return any(pair in (("for", "update"), ("for", "share"), ("in", "share")) for pair in pairs)


def _calls(words: list[str]) -> tuple[Effect, str, bool] | None:
    """Return the worst of the functions that are called."""
    worst: tuple[Effect, str, bool] | None = None
    for place, (word, following) in enumerate(itertools.pairwise(words)):
        if following != "(" or not (word[0].isalpha() or word[0] == "_"):
            continue
        name = word.rsplit(".", 1)[-1]
        if place and words[place - 1] in ("table", "into", "view", "index", "on", "references", "as", "exists", "key"):
            continue  # names a table with its columns
        found = ACTING.get(name)
        if found is None and (name in _SAFE or name.startswith(_SAFE_PREFIX)):
            continue
        verdict = (Effect.CHANGES, f"calls {name[:40]}, which is not known", False) if found is None else (*found, True)
        if worst is None or verdict[0] > worst[0]:
            worst = verdict
    return worst


def _pragma(words: list[str]) -> tuple[Effect, str, bool]:
    name = words[1].rsplit(".", 1)[-1] if len(words) > 1 else ""
    if name in _PRAGMA_READS or (
        len(words) <= 2 and name not in ("optimize", "wal_checkpoint", "incremental_vacuum", "shrink_memory")
    ):
        return Effect.LOOKS, "shows a setting or checks the file", True
    return Effect.CHANGES, "changes a setting of the database", True


def _with(words: list[str]) -> tuple[Effect, str, bool]:
    """Return the worst verb of a statement that begins with `with`: its parts may delete, too."""
    worst = (Effect.LOOKS, "reads rows", True)
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if word in ("insert", "update", "delete", "merge") and before != "for":
            effect, reason = _special(word, words[place:]) or VERBS[word]
            worst = max(worst, (effect, reason, True))
    called = _calls([word for word in words if word != "as"])
    names = {word for word, following in itertools.pairwise(words) if following in ("as", "(")}
    if called is not None and called[0] > worst[0] and not any(name in called[1] for name in _names(words, names)):
        return called
    return worst


def _names(words: list[str], candidates: set[str]) -> set[str]:
    """Return the names that a `with` gives to its parts: they may stand before a bracket without being called."""
    return {words[1] if words[1] != "recursive" else words[2]} & candidates if len(words) > 2 else set()


def _explain(words: list[str]) -> tuple[Effect, str, bool]:
    rest = words[1:]
    runs = "analyze" in rest or "analyse" in rest
    verbs = [place for place, word in enumerate(rest) if word in VERBS and word not in ("analyze", "analyse", "set")]
    if not runs or not verbs:
        return Effect.LOOKS, "shows how a statement would be run", True
    return _statement(rest[verbs[0] :])


_VERB = re.compile(
    r"\s*(?:SELECT\b.*\bFROM\b|SELECT\s+(?:\d+|[\w.]+\(.*)|INSERT\s+(?:OR\s+\w+\s+)?INTO\b|UPDATE\s+[\w.\"`]+\s+SET\b|"
    r"DELETE\s+FROM\b|REPLACE\s+INTO\b|TRUNCATE\s+(?:TABLE\s+)?\w+|"
    r"(?:CREATE|DROP|ALTER)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|TEMP\w*\s+|GLOBAL\s+|MATERIALIZED\s+)?"
    r"(?:TABLE|INDEX|VIEW|DATABASE|SCHEMA|EXTENSION|USER|ROLE|TRIGGER|FUNCTION|SEQUENCE|TYPE|SYSTEM|KEYSPACE|POLICY|PUBLICATION|SUBSCRIPTION)\b|"
    r"PRAGMA\s+\w+|VACUUM\b(?:\s+(?:FULL|ANALYZE|VERBOSE|\w+))?\s*;?\s*$|ANALYZE\s+\w+|REINDEX\s+\w+|EXPLAIN\s+(?:\(|ANALYZE|SELECT|VERBOSE)|"
    r"SHOW\s+(?:\w+\s+)?(?:STATUS|VARIABLES|PROCESSLIST|TABLES|DATABASES|INDEX|CREATE|ENGINE|SLAVE|REPLICA|MASTER|GRANTS|ALL|\w+)\s*(?:LIKE\b.*|\w*)\s*;?\s*$|"
    r"GRANT\s+.+\s+(?:ON|TO)\b|REVOKE\s+.+\s+(?:ON|FROM)\b|KILL\s+(?:QUERY\s+|CONNECTION\s+)?\d+|WITH\s+(?:RECURSIVE\s+)?\w+\s*(?:\([^)]*\)\s*)?AS\s*\(|"
    r"SET\s+(?:GLOBAL|SESSION|LOCAL)\s+\w+|FLUSH\s+(?:TABLES|PRIVILEGES|HOSTS|LOGS)|CHECKPOINT\s*;|CALL\s+\w+\s*\(|REFRESH\s+MATERIALIZED|LOCK\s+TABLES?\b|COPY\s+\w+.*\b(?:FROM|TO)\b)",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_sql(text: str) -> bool:
    """Say whether a text is a SQL statement rather than a sentence that begins with such a word."""
    head = text.lstrip()[:2_000]
    if _VERB.match(head) is None:
        return False
    first = head.split(None, 1)[0]
    # `Select the pod from the list` is a sentence: SQL in guides is written in capitals, or has marks of its own.
    return first.isupper() or (first.islower() and _LOWER.search(head) is not None)


_LOWER = re.compile(
    r";\s*$|\bfrom\s+[\w.\"]+(?:\s+(?:where|limit|order|group|join|inner|left|as)\b|\s*\)?\s*$)|\bset\s+\w+\s*=|\bvalues\s*\(|"
    r"^\s*(?:vacuum|pragma|select\s+[\w.]+\()",
    re.IGNORECASE,
)
