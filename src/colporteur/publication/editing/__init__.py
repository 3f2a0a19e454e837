"""Changes of a publication that forms ask for. Pure: a publication in, a new one out, or faults."""

from colporteur.publication.editing.tree import Path, Tree, at, put, remade, tree_of

__all__ = ["Path", "Tree", "at", "put", "remade", "tree_of"]
