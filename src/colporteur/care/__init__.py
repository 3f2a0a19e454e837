"""Care of an installation: copies of it, moves, what is renewed."""
