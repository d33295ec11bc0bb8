"""Serve the site: `python -m crashcart_lab.site --port N`."""

from __future__ import annotations

import click

from crashcart_lab.site.server import Setting, Site


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--gone", multiple=True, help="A page that others still link to; several are possible.")
@click.option("--slow", help="A page that is slow when it is asked for the first time.")
@click.option("--slow-s", type=float, default=0.0, help="How slow, in seconds.")
def main(port: int, gone: tuple[str, ...], slow: str | None, slow_s: float) -> None:
    """Serve the documentation pages on 127.0.0.1."""
    Site("127.0.0.1", port, Setting(frozenset(gone), slow, slow_s), {}).serve_forever()


if __name__ == "__main__":
    main()
