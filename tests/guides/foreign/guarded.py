"""Runs commands of crashcart under guard, and says what they did: `python guarded.py FOLDER < runs.json`.

The guard is an audit hook of the interpreter, which sees every program that is started, every connection and every file
that is opened for writing, whoever does it; a started program ends the run at once, before it can do anything.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import time

STARTS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
)
REACHES = ("socket.connect", "socket.getaddrinfo", "urllib.Request")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
is_on = False
seen: list[str] = []


def hook(event: str, args: tuple[object, ...]) -> None:
    """Note what a run must not do."""
    if not is_on:
        return
    if event in STARTS or event in REACHES:
        os.write(2, f"guard: {event} {args!r}\n".encode())
        os._exit(99)
    if event == "open" and isinstance(args[0], str) and isinstance(args[2], int) and args[2] & WRITES:
        seen.append(str(args[0]))


def carried_out(args: list[str]) -> dict[str, object]:
    """Run one command as the shell would, and return its exit code and what it wrote."""
    global is_on
    from crashcart.cli.root import run

    began = time.process_time()
    texts = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    sys.argv = ["crashcart", *args]
    code: object = None
    with contextlib.redirect_stdout(texts[0]), contextlib.redirect_stderr(texts[1]):
        is_on = True
        try:
            run()
        except SystemExit as ended:
            code = ended.code
        finally:
            is_on = False
    out, err = (text.buffer.getvalue().decode() for text in texts)
    return {"code": code or 0, "out": out, "err": err, "cpu_s": time.process_time() - began}


def main() -> None:
    """Carry out the runs of standard input, and print what each wrote and how much it took."""
    runs = json.load(sys.stdin)
    os.chdir(sys.argv[1])
    sys.addaudithook(hook)
    told = [carried_out(args) for args in runs]
    print(json.dumps({"runs": told, "written": seen, "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
