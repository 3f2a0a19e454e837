"""What a change of tables breaks for a release that knows them as they were before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect

Column = tuple[str, bool, bool]
"""Its type, whether it may be null, whether it has a default."""


@dataclass(frozen=True)
class Shape:
    """A table as the database says it: columns by name, and what it holds rows to."""

    columns: dict[str, Column]
    uniques: frozenset[tuple[str, ...]]
    references: frozenset[tuple[str, ...]]
    checks: frozenset[str]


def shapes(connection: Connection) -> dict[str, Shape]:
    """Every table of a database."""
    there = inspect(connection)
    return {name: _shape(there, name) for name in there.get_table_names()}


def broken(before: dict[str, Shape], after: dict[str, Shape]) -> list[str]:
    """What an older release would stumble over, in words; nothing where all was only added to."""
    return [
        f"{name}{said}"
        for name, was in before.items()
        for said in (_within(was, after[name]) if name in after else (" is gone",))
    ]


def _within(was: Shape, now: Shape) -> Iterator[str]:
    yield from _columns(was, now)
    for one in was.uniques - now.uniques:
        yield f" is not unique by {', '.join(one)} any more (ON CONFLICT)"
    for one in now.uniques - was.uniques:
        yield f" is unique by {', '.join(one)} now"
    for one in now.references - was.references:
        if set(one) <= was.columns.keys():
            yield f" refers by {', '.join(one)} now"
    for check in now.checks - was.checks:
        yield f" is checked now: {check}"


def _columns(was: Shape, now: Shape) -> Iterator[str]:
    for name, column in was.columns.items():
        if name not in now.columns:
            yield f".{name} is gone"
        else:
            yield from (f".{name} {said}" for said in _column(column, now.columns[name]))
    for name in now.columns.keys() - was.columns.keys():
        _, nullable, default = now.columns[name]
        if not nullable and not default:
            yield f".{name} is new and wants a value that nobody gives it"


def _column(was: Column, now: Column) -> Iterator[str]:
    if was[0] != now[0]:
        yield f"was {was[0]} and is {now[0]}"
    if was[1] and not now[1]:
        yield "must have a value now"
    if was[2] and not now[2]:
        yield "has no default any more"


def _shape(there: Any, name: str) -> Shape:
    columns = {
        one["name"]: (str(one["type"]), one["nullable"], _given(one, there, name))
        for one in there.get_columns(name)
    }
    constraints = there.get_unique_constraints(name)
    indexes = [one for one in there.get_indexes(name) if one["unique"]]
    uniques = {tuple(map(str, one["column_names"])) for one in (*constraints, *indexes)}
    references = {tuple(one["constrained_columns"]) for one in there.get_foreign_keys(name)}
    checks = {one["sqltext"] for one in there.get_check_constraints(name)}
    return Shape(columns, frozenset(uniques), frozenset(references), frozenset(checks))


def _given(column: Any, there: Any, table: str) -> bool:
    """Whether a column gets a value by itself; so do SQLite's keys."""
    key = there.get_pk_constraint(table)["constrained_columns"]
    return column["default"] is not None or key == [column["name"]]
