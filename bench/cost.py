"""What processes cost, read from Linux's /proc: processor time and memory of a process and everything below it."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all its descendants that exist now."""
    found = [pid]
    for member in found:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            found += [int(child) for child in _read(task).split()]
    return found


def processor_seconds(pid: int) -> float:
    """Processor time that the family of `pid` has used so far, children that have ended included."""
    total = 0
    for member in family(pid):
        fields = _read(Path(f"/proc/{member}/stat")).rpartition(")")[2].split()
        if fields:
            total += sum(map(int, fields[11:15]))  # own and waited-for children's, user and system
    return total / TICKS


def memory_mb(pid: int) -> tuple[float, float]:
    """RSS and PSS of one process in MB; PSS counts a page that n processes share as 1/n in each."""
    sizes = {"Rss": 0, "Pss": 0}
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        name = line.partition(":")[0]
        if name in sizes:
            sizes[name] = int(line.split()[1])
    return sizes["Rss"] / 1024, sizes["Pss"] / 1024


def machine_seconds() -> float:
    """Processor time that everything on the machine has used since it started."""
    ticks = [int(tick) for tick in _read(Path("/proc/stat")).partition("\n")[0].split()[1:]]
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts = ticks[:7]
    return (user + nice + system + interrupts + soft_interrupts) / TICKS


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def parent_of(pid: int) -> int | None:
    """The process id of a process's parent; None when there is no such process on this machine."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[1]) if fields else None
