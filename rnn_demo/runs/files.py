"""Files that no crash can hurt.

Everything that changes the disk on behalf of a run goes through one small object, Files, so that
a test can make the n-th write, sync or rename fail. What a reader finds under a final name is
complete: data is written beside its target, synced, and only then renamed. A rename alone
survives a killed process; the syncs are for power loss.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from rnn_demo.errors import DamagedError, RunError

try:  # the lock that the operating system releases when its holder dies
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TEMPORARY = ".tmp-"  # how a file or folder that is not yet complete begins


class Files:
    """The operations that change a disk. Tests replace it by one that fails on purpose."""

    def write(self, path: Path, data: bytes) -> None:
        """Create or overwrite a file, without any promise yet."""
        path.write_bytes(data)

    def sync(self, path: Path) -> None:
        """Wait until a file, or the names in a folder, would survive a power cut.

        As far as the system promises: that of a Mac leaves the last moments to the drive.
        """
        if os.name == "nt" and path.is_dir():
            return  # Windows has no such call
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Give the complete thing its final name, in one indivisible step."""
        os.replace(source, target)

    def append(self, path: Path, line: bytes) -> None:
        """Add one line by one write, so that a kill leaves whole lines or one torn last one."""
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            if os.write(handle, line) != len(line):
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Remove a file or a whole folder; gone already is as good."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def free(self, path: Path) -> int:
        """Bytes that may still be written where path is."""
        return shutil.disk_usage(path).free


def sha256(data: bytes) -> str:
    """The fingerprint that manifests, records and read-outs use."""
    return hashlib.sha256(data).hexdigest()


def json_bytes(record: object) -> bytes:
    """Strict, readable JSON."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


JSON_LIMIT = 1 << 20  # bytes


def read_json(path: Path) -> Any:
    """Read a small JSON file; anything wrong with it is a DamagedError that names the file."""
    try:
        if path.stat().st_size > JSON_LIMIT:
            raise DamagedError("file.large", name=path.name, limit=JSON_LIMIT)
        return without_surrogates(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError("file.unreadable", name=path.name, reason=type(error).__name__) from None


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For json.loads: an object in which a name stands twice has two meanings, and is refused."""
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name stands there twice")
    return record


def without_surrogates(record: Any) -> Any:
    """What was read from JSON, with "?" for halves of characters, which no file can hold."""
    text = json.dumps(record, ensure_ascii=False)
    return record if text.isascii() else json.loads(text.encode("utf-8", "replace"))


def sealed(record: Mapping[str, Any]) -> bytes:
    """json_bytes() with the fingerprint of the record in it, for read_sealed()."""
    return json_bytes({**record, "sha256": sha256(json_bytes(record))})


def read_sealed(path: Path) -> Any:
    """read_json(), held against the fingerprint that sealed() put in; the rest comes back."""
    record = read_json(path)
    seal = record.pop("sha256", None) if isinstance(record, dict) else None
    if seal != sha256(json_bytes(record)):
        raise DamagedError("file.changed", name=path.name)
    return record


def write_atomically(files: Files, path: Path, data: bytes) -> None:
    """Put data under a name: a reader sees the old file or the new one, never a part."""
    temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        files.write(temporary, data)
        files.sync(temporary)
        files.rename(temporary, path)
        files.sync(path.parent)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def require_space(files: Files, folder: Path, needed: int) -> None:
    """Refuse to start what the disk cannot hold."""
    free = files.free(folder)
    if free < needed:
        raise RunError("run.space", needed=needed / 1e6, free=free / 1e6)


def sweep(folder: Path) -> int:
    """Remove what killed writers left behind; only for who holds the lock. Returns how many."""
    left = list(folder.glob(f"{TEMPORARY}*")) + list(folder.glob(f"*/{TEMPORARY}*"))
    for path in left:
        Files().remove(path)
    return len(left)


class Lock:
    """A lock on a file, held until released or until the process dies, however it dies.

    flock (BSD) where there is one. Elsewhere the first byte is locked by msvcrt. Neither is
    promised on network file systems: keep run folders on a local disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle: IO[bytes] | None = None

    def acquire(self, wait: float = 0.0) -> bool:
        """Try for so many seconds; True when held."""
        until = time.monotonic() + wait
        while True:
            if self._try():
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)

    def _try(self, share: bool = False) -> bool:
        handle = self.path.open("ab")
        try:
            if fcntl:
                fcntl.flock(handle, (fcntl.LOCK_SH if share else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            else:
                msvcrt = import_module("msvcrt")
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            handle.close()
            return False
        self.handle = handle
        return True

    def release(self) -> None:
        """Let others in."""
        if self.handle:
            self.handle.close()
            self.handle = None

    def held_by_someone(self) -> bool:
        """Whether a live process holds it now. Asked by sharing it for an instant: two who ask
        do not see each other."""
        if not self.path.exists():
            return False
        try:
            free = self._try(share=True)
        except OSError:  # a folder that may only be read: nobody trains in it
            return False
        self.release()
        return not free
