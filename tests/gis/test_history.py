from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, ensure_account


def test_a_table_with_columns_named_like_the_history_keeps_its_past(own_database: Database) -> None:
    for _ in range(2):
        with transaction(own_database.engine(Role.OWNER), None) as owner:
            account_id = ensure_account(owner, "反复", [EVERYTHING])
    with transaction(own_database.engine(Role.OWNER), None) as owner:
        owner.execute(
            text("UPDATE rights.account SET title = '操作员' WHERE account_id = :id"),
            {"id": account_id},
        )
        kept = owner.execute(
            text(
                "SELECT history_operation, title FROM history.rights_account"
                " WHERE account_id = :id ORDER BY history_id"
            ),
            {"id": account_id},
        ).all()
    assert [tuple(row) for row in kept] == [("I", None), ("U", None), ("U", None)]
