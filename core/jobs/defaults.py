"""The names of the default plugins; nothing here knows what they are.

This is a module of its own because commands need it before they do anything.
"""

DEFAULT_PLUGINS = "train,augment,errors"
"""What a run uses."""

ALWAYS = ("mnist",)
"""What every run uses as well, so that there is a dataset."""
