"""A worker that shall end does so, whatever its relay does."""

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from editing import owed
from house import TEMPLATES, House
from sqlalchemy import select

from colporteur.config import Settings
from colporteur.db import reading
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery import holding
from colporteur.delivery.sending import Dispatch, send_batch
from colporteur.tasks.ending import Stopping

pytestmark = pytest.mark.smtp


@pytest.fixture
def stalling() -> Iterator[int]:
    """A relay that takes a message and never says so; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()
        server = threading.Thread(target=_stall, args=(listener, stop))
        server.start()
        yield listener.getsockname()[1]
        stop.set()
        server.join()


def _stall(listener: socket.socket, stop: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"220 here\r\n")
        for _ in range(3):
            connection.recv(1000)
            connection.sendall(b"250 ok\r\n")
        connection.recv(1000)
        connection.sendall(b"354 go on\r\n")
        while not stop.wait(0.01):
            pass


def test_a_relay_that_does_not_answer_is_not_waited_for_and_its_message_is_perhaps_there(
    house: House, stalling: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(holding, "DRAINED_WITHIN_S", 0.5)  # 18 s would be waited for in vain
    owed(house, "amina", "bruno")
    settings = Settings(mail_url=f"smtp://127.0.0.1:{stalling}", secret_key="k" * 32)
    ending = Stopping()
    dispatch = Dispatch(house.engine, settings, TEMPLATES, ending=ending.is_set)
    worker = threading.Thread(
        target=send_batch, args=(dispatch, 1), kwargs={"stopping": ending.is_set}
    )
    worker.start()
    _until_in_flight(house)
    began = time.monotonic()
    ending.set()
    worker.join(15)
    assert not worker.is_alive()
    assert time.monotonic() - began < 10
    dispatch.close()
    with reading(house.engine) as connection:
        rows = connection.execute(select(deliveries).order_by(deliveries.c.id)).all()
        batch = connection.execute(select(batches)).one()
    assert (batch.status, batch.lease_token) == ("pending", None)
    assert [row.possible_duplicates for row in rows] == [1, 0]
    assert [row.status in {"pending", "deferred"} for row in rows] == [True, True]


def _until_in_flight(house: House) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        with reading(house.engine) as connection:
            if "inflight" in connection.scalars(select(deliveries.c.status)).all():
                return
        time.sleep(0.02)
    raise AssertionError("nothing was sent")


def test_children_of_a_process_learn_that_it_shall_end():
    stopping = Stopping()
    child = os.fork()
    if child == 0:
        until = time.monotonic() + 10
        while not stopping.is_set() and time.monotonic() < until:
            time.sleep(0.01)
        os._exit(0 if stopping.is_set() else 1)
    stopping.set()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    stopping.clear()
    assert not stopping.is_set()
