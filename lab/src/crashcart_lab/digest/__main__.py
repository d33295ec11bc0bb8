"""Start the service: `python -m crashcart_lab.digest`."""

from __future__ import annotations

import sys

import uvicorn

from crashcart_lab.digest import logs
from crashcart_lab.digest.api import build
from crashcart_lab.digest.settings import InvalidSettings, load


def main() -> int:
    try:
        settings = load()
    except InvalidSettings as err:
        print(f"digest cannot start, these settings are wrong:\n{err}\ncorrect them in .env", file=sys.stderr)
        return 2
    logs.to_file(settings.log_path)
    uvicorn.run(
        build(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # the service logs its requests itself, with their duration
        timeout_graceful_shutdown=2,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
