"""Numbers about the work that waits, for whoever watches over the server."""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Waiting:
    """What waits, of whomever: numbers alone."""

    queued: int
    """Jobs that no worker has begun."""

    running: int

    oldest_s: float
    """How long the job asked for first among those queued has waited, in seconds; 0: none."""

    stale_squares: int
    """Squares of the grid whose kept sums are to be made anew."""


def waiting(conn: Connection) -> Waiting:
    """What waits, asked by nobody in particular."""
    row = conn.execute(text("SELECT * FROM staging.waiting_work()")).one()
    return Waiting(row.queued, row.running, float(row.oldest_s), row.stale_squares)
