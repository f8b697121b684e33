"""The contract (hooks, manager, session) and the engine; knows nothing of any plugin."""
