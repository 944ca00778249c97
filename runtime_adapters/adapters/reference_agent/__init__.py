"""File-driven engines beside our own agent: the agent pulls, we never call out."""
