"""The tables of the action `file`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

OWN = ("path", "env_file", "settings_file", "pid_file", "logs")
_OF = ArgSpec("of", (Form.WORD,), "which file of the target: `path`, unless said", OWN, lead="of")

SPEC = ActionSpec(
    name="file",
    summary="Permissions of the target's own files, and space by deleting what the system file gives up. No path is ever "
    "taken from a guide.",
    verbs=(
        VerbSpec(
            "mode", "set the permissions of a file; never such that everybody may write it",
            (ArgSpec("mode", (Form.STRING,), 'octal, in quotes: "0640"', lead="to", is_required=True), _OF),
            Risk.SAFE, "the permissions that were there, unless they are others by now", "the file has these permissions",
        ),
        VerbSpec(
            "unlock", "take away the mark *immutable* (`chattr -i`; Linux, root)", (_OF,), Risk.SAFE,
            "the mark again", "the file has no such mark",
        ),
        VerbSpec(
            "free", "delete the files that `may_delete` of the target gives up, and that the dry run has listed",
            (ArgSpec("age", (Form.NUMBER,), "only those that nobody has written for so long: `older 7 d`", lead="older"),),
            Risk.LOSES_DATA, "", "none of the listed files is there any more", 60.0,
        ),
    ),
    needs=("path", "env_file", "settings_file", "pid_file", "logs", "may_delete"),
)  # fmt: skip
