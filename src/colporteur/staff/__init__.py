"""People of the newsroom, and the tokens of their programs."""
