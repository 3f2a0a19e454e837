"""Care of an installation: copies of it, its way back from one, and its move to PostgreSQL."""
