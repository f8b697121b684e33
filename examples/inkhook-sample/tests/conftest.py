"""Make the fixtures of inkhook known: session, recorder, tiny_dataset, tiny_model …"""

pytest_plugins = ["inkhook.testing"]
