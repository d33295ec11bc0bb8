"""The service and its upkeep: `python -m crashcart_lab.digest`."""

from __future__ import annotations

from crashcart_lab.digest.cli import main

if __name__ == "__main__":
    main(prog_name="python -m crashcart_lab.digest")
