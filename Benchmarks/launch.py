"""Starts commands at once and prints how each went, as JSON; a process of its own because of how Linux counts.

A child's ru_maxrss starts at the memory of whoever forked it, so a harness that holds a million keys would add them to
every program it measures. This one stays at about 10 MiB, which is the least that can be told.
"""

import json
import os
import signal
import sys
import threading
import time


def main() -> None:
    asked = json.load(sys.stdin)
    commands, outputs, limit = asked["commands"], asked["outputs"], asked["limit"]
    pids: list[int] = []
    ended: set[int] = set()

    def stop() -> None:
        for pid in pids:
            if pid not in ended:
                os.killpg(pid, signal.SIGKILL)

    alarm = threading.Timer(limit, stop)
    alarm.daemon = True
    begin = time.perf_counter()
    for command, output in zip(commands, outputs):
        sink = (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), sink, (os.POSIX_SPAWN_DUP2, 1, 2)]
        pids.append(os.posix_spawnp(command[0], command, os.environ, file_actions=actions, setpgroup=0))
    alarm.start()
    found: list[dict[str, float]] = [{}] * len(pids)
    for _ in pids:
        pid, status, usage = os.wait3(0)
        ended.add(pid)
        found[pids.index(pid)] = {
            "exit": os.waitstatus_to_exitcode(status), "seconds": time.perf_counter() - begin, "megabytes": usage.ru_maxrss / 1024,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
    json.dump({"seconds": time.perf_counter() - begin, "processes": found}, sys.stdout)


if __name__ == "__main__":
    main()
