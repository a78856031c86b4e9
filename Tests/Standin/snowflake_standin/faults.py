"""Faults that a test asks for: failing answers, dropped connections, slow statements, expired tokens."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass

FOREVER = 1 << 30
STATUSES = ("429", "500", "502", "503", "504")
#: name -> (takes an amount of seconds, how often when no number is given)
KNOWN = {
    **{status: (False, 1) for status in STATUSES},
    "slow": (True, FOREVER),
    "drop": (False, 1),
    "drop-after": (False, 1),
    "expire": (False, 1),
    "401": (False, FOREVER),
    "partition-503": (False, 1),
    "partition-drop": (False, 1),
    "429-get": (False, 1),
    "503-get": (False, 1),
}
MEANING = {
    "429": ("390505", "Too many requests."),
    "500": ("391911", "Internal server error."),
    "502": ("391912", "Bad gateway."),
    "503": ("390505", "Service unavailable."),
    "504": ("390506", "Gateway timeout."),
}


@dataclass
class Fault:
    name: str
    left: int
    seconds: float = 0.0


class Faults:
    """The faults that are armed. `take` uses one up."""

    def __init__(self) -> None:
        self._armed: dict[str, Fault] = {}
        self._expired: set[str] = set()
        self._lock = threading.Lock()

    def arm(self, spec: str) -> None:
        """`name[:times]`, `slow:seconds[:times]`, or `none` to disarm everything."""
        if spec in ("none", "reset"):
            with self._lock:
                self._armed.clear()
                self._expired.clear()
            return
        name, *rest = spec.split(":")
        if name not in KNOWN:
            raise ValueError(f"unknown fault {name!r}; known are {', '.join(KNOWN)}, none")
        timed, times = KNOWN[name]
        seconds = 0.0
        if timed:
            if not rest:
                raise ValueError(f"{name} needs seconds, as in {name}:2")
            seconds = float(rest.pop(0))
        if rest:
            times = int(rest.pop(0))
        if rest or times < 0 or seconds < 0:
            raise ValueError(f"cannot read the fault {spec!r}")
        with self._lock:
            self._armed[name] = Fault(name, times, seconds)

    def take(self, *names: str) -> Fault | None:
        """The first of these faults that is armed."""
        with self._lock:
            for name in names:
                fault = self._armed.get(name)
                if fault and fault.left > 0:
                    fault.left -= 1
                    return fault
        return None

    def expires(self, token: str) -> bool:
        """Whether this valid token is to be called expired.

        An expired key-pair token stays expired: the client has to mint another. One minted within the same
        second is the same text, which cannot be held against the client.
        """
        if self.take("401"):
            return True
        if token in self._expired and _issued(token) != int(time.time()):
            return True
        if self.take("expire"):
            if token.count(".") == 2:
                self._expired.add(token)
            return True
        return False

    def left(self) -> dict[str, int]:
        with self._lock:
            return {f.name: f.left for f in self._armed.values() if f.left > 0}


def _issued(token: str) -> int:
    try:
        part = token.split(".")[1]
        return int(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["iat"])
    except (IndexError, KeyError, ValueError):
        return 0
