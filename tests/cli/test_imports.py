"""Help and lint are for every moment: they load no driver."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "httpx", "psutil", "rich", "asyncio", "sqlite3", "crashcart.probes.place", "crashcart.diagnosis")


@pytest.mark.parametrize(
    ("args", "allowed"),
    [(["--help"], ()), (["guide", "lint", "--shipped"], ()), (["probe", "list"], ())],
)
def test_help_and_lint_load_no_client_no_driver_no_numbers(args: list[str], allowed: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['crashcart', *{args!r}]\n"
        "from crashcart.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().splitlines()[-1] == f"LOADED {list(allowed)}"
