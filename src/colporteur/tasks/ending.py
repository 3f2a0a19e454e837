"""Whether this process shall end, as its parent and its children after a fork know it too."""

import mmap
import threading


class Stopping:
    """An event of a process and of those that it forks: Celery tells its parent process alone."""

    def __init__(self) -> None:
        self._here = threading.Event()
        self._shared = mmap.mmap(-1, 1)  # anonymous: a child of a fork has the same page

    def set(self) -> None:
        """Have this process and its children stop."""
        self._shared[0] = 1
        self._here.set()

    def clear(self) -> None:
        """Let them work again."""
        self._shared[0] = 0
        self._here.clear()

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._here.is_set() or self._shared[0] == 1
