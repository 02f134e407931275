"""How this program is started here: what the terminal tells somebody to run has to run as it is written."""

import shutil
import sys
from pathlib import Path

NAME = "nightdesk"


def called() -> str:
    """`nightdesk` where a shell finds it; else the way to it from the current folder, as `.venv/bin/nightdesk`."""
    script = Path(sys.executable).with_name(NAME)
    return name_of(script, shutil.which(NAME), Path.cwd()) if script.exists() else NAME


def name_of(script: Path, found: str | None, folder: Path) -> str:
    """`script`: this program's; `found`: what a shell starts under its name; `folder`: where somebody stands."""
    if found is not None and Path(found).absolute() == script:
        return NAME
    return str(script.relative_to(folder) if script.is_relative_to(folder) else script)


def as_typed(sentence: str) -> str:
    """The sentence with the commands in it as they can be typed here."""
    return sentence.replace(f"`{NAME} ", f"`{called()} ")
