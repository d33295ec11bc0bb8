"""A gateway: takes connections over TLS and passes on what is in them."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import click

BLOCK_BYTES = 65536


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--certificate", type=click.Path(path_type=Path, exists=True), required=True, help="Key and chain, PEM.")
@click.option("--to", "upstream", type=int, required=True, help="Port of what stands behind it.")
def main(port: int, certificate: Path, upstream: int) -> None:
    """Listen with TLS on 127.0.0.1 and connect to another port without."""
    asyncio.run(_serve(port, certificate, upstream))


async def _serve(port: int, certificate: Path, upstream: int) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever hangs up takes the other side along; there is nobody left to tell.
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", upstream)
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    async with await asyncio.start_server(pass_on, "127.0.0.1", port, ssl=context) as server:
        await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()


if __name__ == "__main__":
    main()
