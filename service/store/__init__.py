"""The database: one transaction a step, and one small module a concern."""

from service.store.database import Database, Transaction

__all__ = ["Database", "Transaction"]
