"""How the installation does: its figures, what is wrong with them, and who is told."""
