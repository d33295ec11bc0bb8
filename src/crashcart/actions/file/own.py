"""The files that the system file says are the target's own."""

from __future__ import annotations

import os
import stat

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused, judge_link


def own_file(job: Job) -> str:
    """Return the real path of the file that is meant. Raises Refused: there is none, or it is no ordinary file."""
    target = job.target
    asked = job.touch.arg("of") or "path"
    known = {
        "path": target.attributes.get("path", ""), "env_file": target.env_file, "pid_file": target.pid_file,
        "settings_file": (*target.touch.get("settings_file", ()), "")[0], "logs": (*target.logs, "")[0],
    }  # fmt: skip
    path = known.get(asked, "")
    if not path:
        raise Refused(f"{target.name} has no {asked} in the system file")
    real = os.path.realpath(path, strict=True)
    judge_link(path, real)
    if not stat.S_ISREG(os.stat(real).st_mode):
        raise Refused(f"{real} is no ordinary file")
    return real
