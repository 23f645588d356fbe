"""Whoever is doing this verb now: a person, a device or the system itself."""

from uuid import UUID

import msgspec

from registry.access.permissions import GRANTS, Permission, Role
from registry.core.errors import Forbidden


class Actor(msgspec.Struct, frozen=True):
    """An actor and the roles it holds now.

    `scopes` are the roles held for one organisation (an association, a client or an authority): which rows those open
    is said once, by each room's `visible_to(actor)`.
    """

    id: UUID
    name: str
    roles: frozenset[Role]
    scopes: frozenset[tuple[Role, UUID]] = frozenset()
    language: str = "es"

    def may(self, permission: Permission) -> bool:
        """Whether any role held grants this permission at all."""
        return any(permission in GRANTS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless some role held grants this permission."""
        if not self.may(permission):
            raise Forbidden("permission-missing", permission=str(permission))

    def organisations(self, role: Role) -> frozenset[UUID]:
        """The organisations for which this role is held."""
        return frozenset(organisation for held, organisation in self.scopes if held is role)


SYSTEM = Actor(UUID(int=0), "system", frozenset({Role.SYSTEM}))
STRANGER = Actor(UUID(int=1), "stranger", frozenset({Role.STRANGER}))
