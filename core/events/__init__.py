"""The contract with plugins: the hooks, who implements them, and the session that calls them.

Not for what a command does between two events (`jobs`).
"""
