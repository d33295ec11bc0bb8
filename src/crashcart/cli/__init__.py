"""The command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the package"""
    from crashcart.cli.root import run

    run()
