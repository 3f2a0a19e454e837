"""People of the newsroom, and the tokens that their programs hold."""
