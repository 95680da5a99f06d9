"""Removes the files of what was deleted: reports, logos, accounts."""

from obstore.exceptions import BaseError as StoreError

from core import removals
from core.database import Database
from core.log import get_logger
from core.store import ObjectStore

log = get_logger("removals")

AT_ONCE = 10


async def remove_due(db: Database, store: ObjectStore) -> int:
    """Removes all that is due; how many removals were done. Any number of runners may do this at once.

    When the store is away the rest waits: what was claimed is due again by itself.
    """
    done = 0
    while due := await removals.claim_removals(db, AT_ONCE):
        for removal in due:
            try:
                await store.remove(removal.prefix)
            except (StoreError, OSError) as error:
                log.error("removal.failed", prefix=removal.prefix, error=str(error).partition("\n")[0])
                return done
            await removals.removal_done(db, removal)
            done += 1
    return done
