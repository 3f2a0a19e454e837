"""Many who write at once, as in an embedded run under load: the pool has fewer connections."""

import threading

import pytest
from dispatching import send_batch
from editing import owed, smtp, whom
from house import TEMPLATES, House
from sink import Sink
from sqlalchemy import event

pytestmark = pytest.mark.smtp


def test_a_worker_asks_for_no_second_connection_while_it_writes(house: House, smtp_sink: Sink):
    owed(house, "amina", "bruno")
    writes: dict[int, int] = {}
    nested: list[str] = []

    def begins(connection: object) -> None:
        mine = threading.get_ident()
        if writes.get(mine):
            nested.append("a connection inside a writing transaction")
        options = connection.get_execution_options()  # type: ignore[attr-defined]  # SQLAlchemy's
        writes[mine] = bool(options.get("writes"))

    def ends(_: object) -> None:
        writes.pop(threading.get_ident(), None)

    for name, heard in {"begin": begins, "commit": ends, "rollback": ends}.items():
        event.listen(house.engine, name, heard)
    try:
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    finally:
        for name, heard in {"begin": begins, "commit": ends, "rollback": ends}.items():
            event.remove(house.engine, name, heard)
    assert whom(smtp_sink) == ["amina", "bruno"]
    assert nested == []
