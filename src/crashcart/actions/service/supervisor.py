"""What supervisord is told to do, over XML-RPC. What it only says is asked by `probes.supervisord`."""

from __future__ import annotations

import ssl
import xmlrpc.client
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import httpx

from crashcart.probes.supervisord import Door

RUNS = ("RUNNING", "STARTING", "BACKOFF")


class Unanswered(Exception):
    """supervisord does not answer, or refuses; the message says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """What supervisord says of one program; `process` is pid and start, the same for one life of one process."""

    state: str
    process: str
    description: str

    @property
    def is_running(self) -> bool:
        """Whether it runs, or supervisord is about to start it by itself."""
        return self.state in RUNS


class Supervisor:
    """One supervisord. Every call may take `timeout_s`."""

    def __init__(self, door: Door, *, timeout_s: float) -> None:
        self._door = door
        self._timeout_s = timeout_s

    async def program(self, name: str) -> Program:
        """Return what it says of a program."""
        info = await self._call("supervisor.getProcessInfo", name)
        if not isinstance(info, dict):
            raise Unanswered("supervisord said something that is no program")
        pid, start = info.get("pid") or 0, info.get("start") or 0
        return Program(str(info.get("statename")), f"{pid}@{start}", str(info.get("description", "")))

    async def start(self, name: str) -> None:
        """Have it started; returns before it runs."""
        await self._call("supervisor.startProcess", name, False)

    async def stop(self, name: str) -> None:
        """Have it stopped; returns before it has ended."""
        await self._call("supervisor.stopProcess", name, False)

    async def _call(self, method: str, *arguments: str | bool) -> object:
        body = xmlrpc.client.dumps(arguments, method)
        auth = httpx.BasicAuth(self._door.user, self._door.password) if self._door.user else None
        # It speaks no TLS; without a context of ours, httpx would read all root certificates.
        transport = httpx.AsyncHTTPTransport(
            uds=self._door.socket or None, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        try:
            async with httpx.AsyncClient(
                transport=transport, timeout=self._timeout_s, auth=auth, trust_env=False
            ) as client:
                answer = await client.post(f"{self._door.url}/RPC2", content=body, headers={"Content-Type": "text/xml"})
            if answer.status_code != 200:
                raise Unanswered(f"supervisord answered {method} with {answer.status_code}")
            values, _ = xmlrpc.client.loads(answer.content)
        except xmlrpc.client.Fault as fault:
            raise Unanswered(f"supervisord refused {method.partition('.')[2]}: {fault.faultString}") from fault
        except httpx.HTTPError as error:
            raise Unanswered(f"supervisord does not answer: {error or type(error).__name__}") from error
        except (xmlrpc.client.Error, ExpatError, ValueError, TypeError) as error:
            raise Unanswered(f"supervisord's answer cannot be read: {type(error).__name__}") from error
        return values[0] if values else None
