"""Child processes that do not outlive the tests, even when those are killed."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress


def tied(command: list[str], *, end: str = "TERM") -> list[str]:
    """The command, sent a signal when its parent dies, where the system can do that (Linux with util-linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={end}", *command] if setpriv else command


def end_group(process: subprocess.Popen[bytes], *, patience_s: float = 15) -> int:
    """Ask a process that leads its own group to end, then kill the group. Returns its exit status."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
