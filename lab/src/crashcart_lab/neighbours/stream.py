"""Users who submit the same site at a steady rate."""

from __future__ import annotations

import threading

import click
import httpx


@click.command()
@click.argument("digest_url")
@click.argument("site_url")
@click.option("--at-once", type=int, default=0, help="How many are submitted first, without a pause.")
@click.option("--every-s", type=float, required=True, help="Seconds from one to the next.")
def main(digest_url: str, site_url: str, at_once: int, every_s: float) -> None:
    """Submit SITE_URL to the service at DIGEST_URL until a signal ends this process."""
    rest = threading.Event()
    submitted = 0
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=10.0) as http:
        while submitted < at_once or not rest.wait(every_s):
            try:
                http.post("/scrape", json={"url": site_url, "max_pages": 10, "max_depth": 3}).raise_for_status()
            except httpx.HTTPError as err:
                print(f"{type(err).__name__}: {err}", flush=True)
                rest.wait(1.0)
            submitted += 1
            if submitted == at_once:
                print(f"{submitted} jobs submitted", flush=True)


if __name__ == "__main__":
    main()
