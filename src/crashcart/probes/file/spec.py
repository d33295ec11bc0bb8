"""The tables of `file`."""

from __future__ import annotations

from crashcart.model.spec import Alarm, Cost, Dimension, Failure, FieldSpec, KindSpec, LookSpec, StateSpec
from crashcart.probes.paths import ARGS

SPEC = KindSpec(
    name="file",
    summary="Is a file there, how old and how large is it, and may the service write it? Opens nothing.",
    looks=(
        LookSpec(
            name="",
            summary="one file or folder, links followed; of several that a `*` stands for, the newest",
            args=ARGS,
            fields=(
                FieldSpec("is_present", Dimension.FLAG, "it is there"),
                FieldSpec("count", Dimension.NUMBER, "how many there are, when the path holds a `*`"),
                FieldSpec("size", Dimension.BYTES, "its size"),
                FieldSpec("age", Dimension.TIME, "since it was last written"),
                FieldSpec("type", Dimension.WORD, "what it is", ("file", "folder", "other")),
                FieldSpec("mode", Dimension.TEXT, "permissions as chmod takes them: `0644`"),
                FieldSpec("owner", Dimension.TEXT, "the user that owns it"),
                FieldSpec(
                    "user",
                    Dimension.TEXT,
                    "who is to write it: the user of the target's process, else of whoever has it open, else the owner",
                ),
                FieldSpec("is_writable", Dimension.FLAG, "that user may write it"),
                FieldSpec("is_folder_writable", Dimension.FLAG, "that user may make files beside it, as SQLite must"),
                FieldSpec(
                    "is_read_only", Dimension.FLAG, "nobody may: no one has the permission, or the mount denies it"
                ),
            ),
            states=(
                StateSpec("present", "is_present", True, "it is there"),
                StateSpec("absent", "is_present", False, "it is not there"),
                StateSpec("writable", "is_writable", True, "the service may write it"),
                StateSpec("unwritable", "is_writable", False, "the service may not write it"),
                StateSpec("read_only", "is_read_only", True, "nobody may write it, root apart"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("it is there", "seen: is_present, size, age, type, mode, owner, user, is_writable"),
        Failure("it is not there", "seen: is_present no"),
        Failure("a folder of its path is not there, or is a file", "seen: is_present no"),
        Failure("several match", "seen: count, and the newest"),
        Failure("none matches", "seen: is_present no, count 0"),
        Failure("its user may not write it", "seen: is_writable no"),
        Failure("nobody may write it", "seen: is_read_only"),
        Failure("a folder of its path may not be entered", "unseen: not permitted"),
        Failure("the path is not absolute", "unseen: not absolute"),
        Failure("no path is known", "unseen: NAME has no path"),
    ),
    needs=("path", "backups", "env_file", "pid_file", "logs"),
)
