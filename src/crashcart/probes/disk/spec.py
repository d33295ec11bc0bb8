"""The tables of `disk`."""

from __future__ import annotations

from crashcart.model.spec import Alarm, Cost, Dimension, Failure, FieldSpec, KindSpec, LookSpec, StateSpec
from crashcart.probes.paths import ARGS

SPEC = KindSpec(
    name="disk",
    summary="How full is the file system that a path lies on, and does it take writes? Writes nothing to find out.",
    looks=(
        LookSpec(
            name="",
            summary="the file system of a path of the target, or of one that the guide names; of `/` when there is neither",
            args=ARGS,
            fields=(
                FieldSpec("size", Dimension.BYTES, "its size"),
                FieldSpec("free", Dimension.BYTES, "what may still be written, root's reserve not counted"),
                FieldSpec("used", Dimension.PERCENT, "how full it is, as `df` tells it"),
                FieldSpec("inodes", Dimension.PERCENT, "how many of its files are used up; 0 where there is no limit"),
                FieldSpec("is_read_only", Dimension.FLAG, "it is mounted read-only"),
                FieldSpec("mount", Dimension.TEXT, "where it is mounted"),
            ),
            states=(
                StateSpec("read_only", "is_read_only", True, "it takes no writes at all"),
                StateSpec("writable", "is_read_only", False, "it takes writes, while there is room"),
            ),
            cost=Cost.FREE,
            alarm=Alarm.THRESHOLD,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("it has room", "seen: size, free, used, inodes, is_read_only, mount"),
        Failure("it is full", "seen: free 0, used 100%"),
        Failure("it has no inodes left", "seen: inodes 100%"),
        Failure("it is mounted read-only", "seen: is_read_only"),
        Failure("the path is not there", "seen: of the nearest folder that is"),
        Failure("a folder of the path may not be entered", "unseen: not permitted"),
        Failure("the path is not absolute", "unseen: not absolute"),
        Failure("the target's path is not known", "unseen: path of NAME is not known"),
    ),
)
