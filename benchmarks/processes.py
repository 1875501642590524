"""CPU time and memory of a process with all its descendants, as the operating system counts them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        queue += children.get(current, [])
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process tree, children that ended and were waited for included."""
    total = 0
    for member in tree(pid):
        total += sum(int(value) for value in (_stat(member) or [])[11:15])
    return total / TICK


def busy_seconds() -> float:
    """CPU time the whole machine has spent on anything."""
    user, nice, system, _idle, _wait, irq, softirq = Path("/proc/stat").read_text().split()[1:8]
    return (int(user) + int(nice) + int(system) + int(irq) + int(softirq)) / TICK


def rss_mib(pid: int) -> dict[int, float]:
    """Resident memory of each member of a tree, in MiB."""
    return {member: size / 1024 for member, size in _read(pid, "status", r"VmRSS:\s+(\d+)")}


def pss_mib(pid: int) -> float:
    """Proportional memory of a tree, in MiB: a page that n processes share counts 1/n in each."""
    return sum(size for _, size in _read(pid, "smaps_rollup", r"(?m)^Pss:\s+(\d+)")) / 1024


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat after the command's name: state, parent, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _read(pid: int, name: str, pattern: str) -> Iterator[tuple[int, int]]:
    """(pid, KiB) of each member whose file has the pattern."""
    for member in tree(pid):
        try:
            match = re.search(pattern, Path(f"/proc/{member}/{name}").read_text())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if match:
            yield member, int(match.group(1))
