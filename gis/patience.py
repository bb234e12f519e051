"""How long the web waits for the database before it tells somebody so instead."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Longest times of a connection of the web role, in seconds; loads and commands have none."""

    statement_s: float = 120
    """Of a statement: what people look at and change."""

    long_s: float = 900
    """Of a statement of an export, a report or a campaign's step over all its agencies."""

    lock_s: float = 30
    """That a statement waits for what somebody else is just changing."""

    idle_s: float = 1200
    """That a transaction is open and asks nothing: longer than a file may take to open."""

    def settings(self) -> dict[str, int]:
        """As PostgreSQL names them, in milliseconds."""
        return {
            "statement_timeout": int(self.statement_s * 1000),
            "lock_timeout": int(self.lock_s * 1000),
            "idle_in_transaction_session_timeout": int(self.idle_s * 1000),
        }
