"""What undoing needs and no journal may hold: old content, and notes on touches that cannot be told from the world."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


class Vault:
    """Files of ours, mode 0600, in a folder that is made when it is first needed. Raises OSError as the system does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Keep the bytes, and return the path where they are."""
        path = self._folder / f"{secrets.token_hex(8)}.old"
        self._write(path, data)
        return str(path)

    def kept(self, path: str) -> bytes | None:
        """Return what was kept at a path; None when it is not there, or not ours."""
        if not path or Path(path).parent != self._folder:
            return None
        try:
            return Path(path).read_bytes()
        except FileNotFoundError:
            return None

    def note(self, key: str, text: str) -> None:
        """Note something about the touch of that key; a later note replaces it."""
        self._write(self._note(key), text.encode())

    def noted(self, key: str) -> str:
        """Return what was noted about the touch of that key; empty when nothing was."""
        try:
            return self._note(key).read_text()
        except FileNotFoundError:
            return ""

    def _note(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.note"

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
