"""The tables of the action `sqlite`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

_NOTHING = "nothing needs to be put back: every reader sees the same rows as before"
_TEXT = (Form.STRING, Form.REF)

SPEC = ActionSpec(
    name="sqlite",
    summary="Repair a SQLite file: what its own tools offer, and no free statement.",
    verbs=(
        VerbSpec(
            "checkpoint", "bring the write-ahead log into the file, and empty it", (), Risk.SAFE, _NOTHING,
            "the log is empty", 30.0,
        ),
        VerbSpec(
            "vacuum", "write the file anew without its free pages; nobody can write meanwhile", (), Risk.SAFE, _NOTHING,
            "the file has no free pages", 300.0,
        ),
        VerbSpec(
            "index", "make an index over columns of a table; nobody can write meanwhile",
            (
                ArgSpec("table", _TEXT, "the table", lead="table", is_required=True),
                ArgSpec("columns", _TEXT, "its columns, joined by commas", lead="columns", is_required=True),
            ),
            Risk.SAFE, "drop that index, unless it is another one by now", "an index over these columns is there", 300.0,
        ),
        VerbSpec(
            "restore", "put the newest whole copy (`backups`) in the place of the file; nobody may have it open",
            (ArgSpec("copy", (Form.PATH, *_TEXT), "another copy of `backups`", lead="from"),),
            Risk.LOSES_DATA, "put the replaced file back; it stays beside the new one until then",
            "the file is that very copy", 300.0,
        ),
        VerbSpec(
            "migrate", "run the migrations that the system file declares (`migrate`)", (), Risk.LOSES_DATA,
            "run the declared way back (`migrate_back`) to the revision that was there",
            "the schema has another revision than before", 300.0,
        ),
    ),
    needs=("path",),
)  # fmt: skip
