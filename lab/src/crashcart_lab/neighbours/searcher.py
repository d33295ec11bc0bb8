"""A reader whose long filter stands in every address that it asks for, as saved views have it."""

from __future__ import annotations

import http.client
import threading
import uuid

import click

FILTER_WORDS = 1800  # some 60 kB
PATIENCE_S = 10.0


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--readers", type=int, default=2, show_default=True, help="How many read at once.")
@click.option("--every-s", type=float, default=0.0, help="Seconds from one answer to the next request.")
def main(port: int, readers: int, every_s: float) -> None:
    """Ask for the newest summary of the service on a port of 127.0.0.1 until a signal ends this process."""
    print(f"{readers} readers at port {port}", flush=True)
    threads = [threading.Thread(target=_ask_for_ever, args=(port, every_s), daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask_for_ever(port: int, every_s: float) -> None:
    rest = threading.Event()
    target = "/summaries?limit=1&view=" + ",".join(uuid.uuid4().hex for _ in range(FILTER_WORDS))
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    while not rest.wait(every_s):
        try:
            line.request("GET", target)
            line.getresponse().read()
        except (OSError, http.client.HTTPException) as err:
            print(f"{type(err).__name__}: {err}", flush=True)
            line.close()
            rest.wait(0.05)


if __name__ == "__main__":
    main()
