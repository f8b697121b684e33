"""Leave out images whose label is probably wrong, before strips are composed to measure with.

Of 3,000 digits that are held back, each is written some twenty times. One 9 that is labelled 3, as
MNIST has some, would make most of the mistakes of which the network is surest, and so set the
confidence from which on a number is sure.
"""

from ...core.base.types import Split
from ...core.images.preprocess import scale
from ...core.jobs.find_model import SHIPPED
from ...core.modelfile.artifact import read_artifact
from ...core.network.classifier import Classifier

DOUBTED = 0.95
"""How sure the included model must be that an image is another digit."""


def believable(split: Split) -> Split:
    """Return a split without the images that the included model is sure to be another digit."""
    model = read_artifact(SHIPPED)
    found = Classifier(model.network, model.temperature)(scale(split.images))
    other = found.argmax(axis=1) != split.labels
    kept = ~(other & (found.max(axis=1) >= DOUBTED))
    return Split(split.images[kept], split.labels[kept])
