"""Alembic's folder: ``versions/`` holds the steps, ``db.migrate`` runs them."""
