"""Compile the inner loops of the log engine while the package is built, where there is a C compiler.

Without one, or with CRASHCART_PURE set, the package is whole all the same: each loop has a twin in Python. What is
compiled has nothing of Python in it, so one wheel of a platform serves every version.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/crashcart/logs/loops")
# Without contraction a product and a sum are rounded one after the other, as Python rounds them.
FLAGS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off")
COMPILERS = ("cc", "gcc", "clang")


class LoopsHook(BuildHookInterface[Any]):
    """Puts the compiled loops into the wheel, and says in its name for which platform it is."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, if that can be done here."""
        if self.target_name != "wheel":
            return
        built = Path(self.root) / FOLDER / ("_loops.dll" if sys.platform == "win32" else "_loops.so")
        built.unlink(missing_ok=True)
        compiler = [] if os.environ.get("CRASHCART_PURE") else _compiler()
        if not compiler:
            self.app.display_info("crashcart: no C compiler; the log engine will run on its Python loops")
            return
        source = Path(self.root) / FOLDER / "loops.c"
        done = subprocess.run([*compiler, *FLAGS, "-o", str(built), str(source)], capture_output=True, text=True)
        if done.returncode:
            self.app.display_warning(f"crashcart: {shlex.join(compiler)} could not compile {source}: {done.stderr}")
            return
        build_data["artifacts"].append(str(built.relative_to(self.root)))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def _compiler() -> list[str]:
    if asked := os.environ.get("CC"):
        return shlex.split(asked)
    found = next((path for name in COMPILERS if (path := shutil.which(name))), None)
    return [found] if found else []
