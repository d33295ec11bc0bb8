"""The tables of the action `postgres`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

_TEXT = (Form.STRING, Form.REF)
_TABLE = ArgSpec(
    "table", _TEXT, "the table, with its schema if it has another than usual", lead="table", is_required=True
)

SPEC = ActionSpec(
    name="postgres",
    summary="Repair a PostgreSQL database by named statements; there is no free one.",
    verbs=(
        VerbSpec(
            "end-idle", "end sessions that sit idle in an open transaction, and hold locks and old rows by it",
            (ArgSpec("age", (Form.NUMBER,), "those that have been idle for so long: `longer 10 min`", lead="longer", is_required=True),),
            Risk.RESTARTS, "", "none of the sessions that the dry run has listed is there", 30.0,
        ),
        VerbSpec(
            "index", "make an index over columns of a table, while others go on writing (CONCURRENTLY)",
            (_TABLE, ArgSpec("columns", _TEXT, "its columns, joined by commas", lead="columns", is_required=True)),
            Risk.SAFE, "drop that index, unless it is another one by now", "a valid index over these columns is there", 600.0,
        ),
        VerbSpec(
            "analyze", "count the table afresh, so that queries are planned by what is in it now", (_TABLE,), Risk.SAFE,
            "nothing needs to be put back: no row is changed", "it was counted later than when the plan was made", 300.0,
        ),
    ),
    needs=("url",),
)  # fmt: skip
