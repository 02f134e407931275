"""An ordinary account: nobody, when root runs the tests."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Any

NOBODY = 65534
IS_ROOT = os.geteuid() == 0


def ordinary_account() -> dict[str, Any]:
    """For subprocess: runs it as somebody who may not do everything, and finds our code."""
    if not IS_ROOT:
        return {}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "env": environment}


def ordinary_python() -> str | None:
    """A Python of this version that the account may run, with our code: root's own may lie below /root."""
    if not IS_ROOT:
        return sys.executable
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin")
    command = ["-c", "import backend.settings"]
    for python in (sys.executable, system):
        with suppress(PermissionError):
            if python and subprocess.run([python, *command], cwd="/", **ordinary_account()).returncode == 0:
                return python
    return None
