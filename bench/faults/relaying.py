"""Which connections to the relay are open, by what Linux says of its sockets."""

from pathlib import Path

_ESTABLISHED = "01"  # include/net/tcp_states.h


def connections_to(port: int) -> list[str]:
    """The clients' ends of established connections to a port of this machine."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    ends = [line.split()[1:4] for line in lines]
    return [
        here
        for here, there, state in ends
        if state == _ESTABLISHED and int(there.partition(":")[2], 16) == port
    ]
