"""An action of the table, and the sets of roles that may."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.doors.doors import Door
from tests.doors.scene import ADMIN, MEMBER, OWNER, ROLES, SIGNED_OUT, STAFF, VIEWER, Scene

OWNERS = {OWNER}
MANAGERS = {OWNER, ADMIN}
MEMBERS = {OWNER, ADMIN, MEMBER}
READERS = MEMBERS | {VIEWER}
SIGNED_IN = set(ROLES) - {SIGNED_OUT}
SUPPORT = {STAFF, VIEWER}


def as_it_is(_: Scene) -> None:
    """Nothing has to be there before."""


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody may want. `prepare` makes what it is about and puts its ids into `scene.made`; `look` reads what it
    changes; without `look` it reads, and tells `scene.secret`."""

    name: str
    allowed: set[str]
    doors: tuple[Door, ...]
    look: Callable[[Scene], object] | None = None
    prepare: Callable[[Scene], object] = as_it_is


def made(**makers: Callable[[Scene], object]) -> Callable[[Scene], None]:
    """Makes things, and keeps their ids under these names."""

    def prepare(scene: Scene) -> None:
        for name, make in makers.items():
            scene.made[name] = make(scene)

    return prepare
