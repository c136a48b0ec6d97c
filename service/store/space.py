"""The room that SQLite's file takes. PostgreSQL sees to its own."""

from sqlalchemy import text

from service.store.database import Transaction

_INCREMENTAL = 2  # SQLite's number for auto_vacuum=INCREMENTAL
_SPARE = 4096  # pages that are kept for reuse in any case: 16 MiB


async def give_back(tx: Transaction, pages: int) -> bool:
    """Give up to *pages* that are not used to the file system; False: what is left over is worth keeping for reuse.

    It needs a file made with auto_vacuum; in one of an earlier version it does nothing until somebody vacuums that.
    """
    names = ("freelist_count", "page_count", "auto_vacuum")
    free, whole, kind = [(await tx.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]
    if kind != _INCREMENTAL or free - pages < max(_SPARE, whole // 5):
        return False
    await tx.execute(text(f"PRAGMA incremental_vacuum({pages})"))
    return True
