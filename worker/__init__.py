"""``celery -A worker worker`` and ``celery -A worker beat``: the processes of the grown size."""

from colporteur.cli import worker_app

app = worker_app()
