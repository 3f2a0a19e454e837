"""Says of a template's error where it is, and what."""

from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import TemplateError, TemplateSyntaxError

from colporteur.exceptions import TemplateBroken

_WHAT_TEMPLATES_RAISE = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,  # a file that may not be read
    RecursionError,
    TypeError,
    ValueError,
)
_CURE = "Mend it, or remove your copy."


@contextmanager
def named(name: str) -> Iterator[None]:
    """Errors of a template as one that says where it is."""
    try:
        yield
    except _WHAT_TEMPLATES_RAISE as error:
        raise TemplateBroken(
            f"The template {_place(error, name)}: {sentence(error)}", cure=_CURE
        ) from error


def sentence(error: BaseException) -> str:
    """What an error says, as a sentence."""
    text = str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text}."


def _place(error: BaseException, name: str) -> str:
    """The file and line in the innermost template, which may be one that ``name`` includes."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}, line {error.lineno}"
    place, trace = name, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
