"""What a figure depends on besides the program: the machine, the disk, who else is busy."""

import os
import platform
import statistics
import time


def fsync_milliseconds(folder, rounds=50):
    """Median time to write 4 KiB to a file of this folder and have it on the disk."""
    path = os.path.join(folder, "fsync-probe")
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(rounds):
            start = time.perf_counter()
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    os.unlink(path)
    return statistics.median(times)


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def cores():
    return len(os.sched_getaffinity(0))
