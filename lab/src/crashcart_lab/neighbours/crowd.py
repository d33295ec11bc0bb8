"""Users who read: each asks for the newest summaries, again and again, as pages that refresh themselves do."""

from __future__ import annotations

import threading

import click
import httpx

PATIENCE_S = 10.0
# A browser that was turned away does not come back at once.
PAUSE_S = 0.02


@click.command()
@click.argument("url")
@click.option("--readers", type=int, required=True, help="How many read at once.")
def main(url: str, readers: int) -> None:
    """Read the summaries of the service at URL until a signal ends this process."""
    print(f"{readers} readers at {url}", flush=True)
    threads = [threading.Thread(target=_read_for_ever, args=(url,), daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _read_for_ever(url: str) -> None:
    rest = threading.Event()
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as http:
        while not rest.wait(PAUSE_S):
            try:
                http.get("/summaries", params={"limit": 100})
            except httpx.TransportError as err:
                print(f"{type(err).__name__}: {err}", flush=True)
                rest.wait(1.0)


if __name__ == "__main__":
    main()
