"""Tokens on a house's database, for tests that ask the API."""

from dataclasses import dataclass

from house import House

from colporteur.db import database_now, writing
from colporteur.staff import people, tokens
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope, Token

WRITER = (Scope.ARTICLES_READ, Scope.ARTICLES_WRITE)


@dataclass
class Mint:
    """Makes a token of somebody's: its text, and what is known of it."""

    house: House

    def __call__(
        self,
        *scopes: Scope,
        name: str = "cms",
        address: str = "leila@example.org",
        role: Role | None = None,
    ) -> tuple[str, Token]:
        with writing(self.house.engine) as connection:
            now = database_now(connection)
            holder, _ = people.add(connection, address, name=None, role=role, now=now)
            return tokens.mint(connection, holder.id, name, scopes or WRITER, now)
