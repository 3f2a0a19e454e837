"""People of the newsroom: how they sign in, what they hold, who they are, and what they did."""
