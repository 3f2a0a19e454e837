"""The workers: who answers by the broker, and which queues each of them hears."""

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from colporteur.exceptions import ServiceUnavailable

ANSWER_WITHIN_S = 2.0


def look_at_workers(
    app: Celery, within_s: float = ANSWER_WITHIN_S
) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each worker's name and the queues that it hears; all that answer in time.

    Raises:
        ServiceUnavailable: the broker does not answer.
    """
    try:
        with app.connection_for_write() as connection:  # the pool's may be of before a restart
            replies = app.control.broadcast(
                "active_queues", reply=True, timeout=within_s, connection=connection
            )
    except (OperationalError, RedisError, OSError) as error:
        raise ServiceUnavailable(
            f"The broker does not answer, so that no worker could be asked: {type(error).__name__}.",
            cure="Start Redis, or correct COLPORTEUR_BROKER_URL.",
        ) from None
    return tuple(
        (name, frozenset(one["name"] for one in queues))
        for reply in replies or ()
        for name, queues in reply.items()
    )
