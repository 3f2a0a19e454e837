"""The metadata that all tables share, with names for constraints that migrations can rely on."""

from sqlalchemy import Column, ForeignKey, MetaData

from colporteur.db.types import Id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> "Column[int]":
    """A surrogate primary key."""
    return Column("id", Id, primary_key=True)


def refers(
    name: str, target: str, *, nullable: bool = False, primary_key: bool = False
) -> "Column[int]":
    """A foreign key column, ``target`` as ``table.column``."""
    return Column(
        name, Id, ForeignKey(target), nullable=nullable and not primary_key, primary_key=primary_key
    )
