"""``celery -A worker worker`` and ``celery -A worker beat``: the processes of the grown size."""

from colporteur.config import load_settings
from colporteur.tasks import configure

app = configure(load_settings())
