"""A data directory that can really be full: a tiny tmpfs for root, the kernel's /dev/full for everybody else."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

SIZE_KIB = 512


@contextlib.contextmanager
def small_disk(folder: Path) -> Generator[None]:
    """Makes `folder`, on a file system of its own where the system lets us, and takes it and its parent away again."""
    folder.mkdir(parents=True)
    mounted = _mount(folder)
    try:
        yield
    finally:
        if mounted:
            unmount(folder)
        shutil.rmtree(folder.parent, ignore_errors=True)


def _mount(folder: Path) -> bool:
    """False: not root, or in a container that may not mount."""
    if os.geteuid() != 0:
        return False
    options = f"size={SIZE_KIB}k,mode=0700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "nightdesk-drill", folder], capture_output=True)
    return done.returncode == 0


def unmount(folder: Path) -> None:
    """Lazily: a file that is still open somewhere does not keep the mount."""
    subprocess.run(["umount", "--lazy", folder], capture_output=True)


def fill_without_mount(folder: Path) -> None:
    """The next file the service writes goes to a device that is always full."""
    (folder / "heartbeat.tmp").symlink_to("/dev/full")


def free(folder: Path) -> int:
    """Deletes the uploads and whatever half-written file is left. Returns how many files went."""
    gone = 0
    for file in [*(folder / "uploads").iterdir(), folder / "heartbeat.tmp"]:
        if file.is_symlink() or file.exists():
            file.unlink()
            gone += 1
    return gone


def remove_leftovers(root: Path) -> None:
    """Takes away what a killed drill left under `root`: its mounts and its folders."""
    if not root.is_dir():
        return
    for line in _mounts():
        point = Path(line.split()[1].replace("\\040", " "))
        if root.resolve() in point.parents:
            unmount(point)
    for folder in root.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _mounts() -> list[str]:
    try:
        return Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return []
