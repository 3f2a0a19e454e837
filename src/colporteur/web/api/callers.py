"""Who calls: a bearer token (RFC 6750) in the header, never in the address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from colporteur.db import database_now, reading, writing
from colporteur.staff import people, tokens
from colporteur.staff.people import Person
from colporteur.staff.permissions import ASKED_BY_SCOPE, May, may
from colporteur.staff.tokens import READING, Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.edition_problems import no_approver
from colporteur.web.api.problems import Problem, not_allowed
from colporteur.web.api.rates import Rates, tell_standing

_REALM = 'Bearer realm="colporteur"'
_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="Made with `colporteur users token`."
)


@dataclass(frozen=True)
class Callers:
    """Knows the callers of one installation and counts what they ask."""

    runtime: Runtime
    rates: Rates

    def having(self, scope: Scope) -> Any:
        """The dependency of ``with_scope``, which the API's description names with its scope."""
        return Security(self.with_scope(scope), scopes=[scope.value])

    def with_scope(self, scope: Scope) -> Callable[..., Token]:
        """A dependency: the caller's token, which has this scope; the request is counted.

        Its holder's role must allow what the scope does, at this moment.

        Raises:
            Problem: 401, 403 or 429.
        """

        def caller(
            request: Request,
            credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        ) -> Token:
            holder = self._known(request, credentials)
            found = holder.token
            if scope not in found.scopes:
                raise _insufficient(scope)
            _require_role(holder.person, ASKED_BY_SCOPE[scope])
            standing = (self.rates.read if scope in READING else self.rates.write)(found)
            tell_standing(request, standing)
            return found

        return caller

    def anybody(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> "Holder":
        """A dependency: the caller, whatever their token allows; the request is counted.

        Raises:
            Problem: 401 or 429.
        """
        holder = self._known(request, credentials)
        tell_standing(request, self.rates.read(holder.token))
        return holder

    def allows(self, person: Person, scope: Scope) -> bool:
        """Whether somebody's role allows what a scope does."""
        return may(person, ASKED_BY_SCOPE[scope])

    def holder(self, text: str) -> "Holder | None":
        """Whose token this is; None if it is nobody's, or has ended."""
        with reading(self.runtime.engine) as connection:
            now = database_now(connection)
            found = tokens.valid(connection, text, now)
            person = people.by_id(connection, found.user_id) if found else None
        if found is None or person is None:
            return None
        self.note_use(found, now)
        return Holder(found, person)

    def signer(self, hint: str) -> Token | None:
        """The token whose first characters stand in a webhook's address, if it is for that."""
        with reading(self.runtime.engine) as connection:
            found = tokens.valid_by_hint(connection, hint, database_now(connection))
            if found is None or Scope.GHOST not in found.scopes:
                return None
            person = people.by_id(connection, found.user_id)
        return found if may(person, ASKED_BY_SCOPE[Scope.GHOST]) else None

    def note_use(self, token: Token, now: datetime) -> None:
        """Note that a token is in use, once an hour."""
        if token.use_is_news(now):
            with writing(self.runtime.engine) as connection:
                tokens.note_use(connection, token, now)

    def _known(
        self, request: Request, credentials: HTTPAuthorizationCredentials | None
    ) -> "Holder":
        # One that is valid passes however many others failed behind the same proxy.
        found = self.holder(credentials.credentials) if credentials else None
        if found is None:
            self.rates.failure(address_of(request))
            raise _unknown(given=credentials is not None)
        return found


@dataclass(frozen=True)
class Holder:
    """A token, and whose it is."""

    token: Token
    person: Person


def address_of(request: Request) -> str:
    """The address that the request came from."""
    return request.client.host if request.client else ""


def _require_role(person: Person, what: May) -> None:
    if may(person, what):
        return
    if what is May.APPROVE:
        raise no_approver(person.address)
    raise not_allowed(
        f"The role {person.role} of {person.address} does not allow this ({what}).",
        "Use a token of somebody whose role does, or have an admin give them another role.",
    )


def _unknown(*, given: bool) -> Problem:
    error = ', error="invalid_token"' if given else ""
    return Problem(
        401,
        "This token is unknown, or it has ended." if given else "There is no token.",
        "Send the header Authorization: Bearer col_…; `colporteur users token` makes one.",
        kind="unauthorized",
        headers={"WWW-Authenticate": _REALM + error},
    )


def _insufficient(scope: Scope) -> Problem:
    return Problem(
        403,
        f"This token does not allow {scope}.",
        f"Make one that does: colporteur users token ADDRESS --name NAME --scope {scope}",
        kind="insufficient_scope",
        title="Insufficient scope",
        headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
    )
