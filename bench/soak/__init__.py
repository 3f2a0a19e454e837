"""``make soak``: a grown installation under everything at once for ten minutes (issue 9)."""
