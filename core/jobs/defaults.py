"""Which plugins are used where nobody chooses any, by their names; what they are, isn't known here.

A module of its own because commands need it before there is anything to do.
"""

DEFAULT_PLUGINS = "train,augment,errors"
"""What a run uses."""

ALWAYS = ("mnist",)
"""What every run uses besides, so that there is a dataset."""
