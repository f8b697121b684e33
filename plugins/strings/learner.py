"""The network in training: a Keras model, and what one batch of strips teaches it."""

from typing import TYPE_CHECKING, Any

from ...core.base.problems import ModelProblem
from ...core.base.types import FloatArray
from ...core.modelfile.artifact import ModelFile
from ...core.network.keras_model import build_model
from ...core.network.network import STRIP_HEIGHT, Network
from ...core.numbers.strip import BLANK
from .layers import WINDOWS, chain

if TYPE_CHECKING:
    from .batches import Batch

TOLD_WHERE = 0.2
"""The share of the training for which the network is told where the signs stand."""


class Learner:
    """The Keras model and one step of its training."""

    def __init__(self, keras: Any, name: str, rate: float, steps: int) -> None:
        """Build a new network.

        Parameters
        ----------
        keras : module
        name : str
            One of WINDOWS.
        rate : float
            Adam's, which falls to zero along a cosine.
        steps : int
            Batches to come.
        """
        import tensorflow as tf

        self._keras, self._name, self._window = keras, name, WINDOWS[name]
        self._chain = chain(keras.layers, name)
        self.model = keras.Sequential([keras.Input((STRIP_HEIGHT, None, 1)), *self._chain])
        optimizer = keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(rate, steps), beta_2=0.98
        )
        model = self.model

        def told(strips: Any, batch: Any) -> Any:
            known = tf.cast(batch["where"] >= 0, tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.maximum(batch["where"], 0), model(strips, training=True)
            )
            return tf.reduce_sum(losses * known) / tf.cast(tf.shape(strips)[0], tf.float32)

        def untold(strips: Any, batch: Any) -> Any:
            logits = model(strips, training=True)
            losses = tf.nn.ctc_loss(
                batch["texts"], logits, batch["lengths"], batch["places"],
                logits_time_major=False, blank_index=BLANK,
            )  # fmt: skip
            return tf.reduce_mean(losses)

        def step_for(loss_of: Any) -> Any:
            def step(strips: Any, batch: Any) -> Any:
                with tf.GradientTape() as tape:
                    loss = loss_of(strips, batch)
                gradients = tape.gradient(loss, model.trainable_variables)
                gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
                optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
                return loss

            return tf.function(step, reduce_retracing=True)

        self._told, self._untold = step_for(told), step_for(untold)
        self._tensor = tf.constant
        self._left_to_tell = round(TOLD_WHERE * steps)
        self._given: list[FloatArray] = []

    def go_on_from(self, network: Network) -> None:
        """Take what a network has learnt; raises ModelProblem if it is built in another way."""
        weights = build_model(network).get_weights()
        if [each.shape for each in weights] != [each.shape for each in self.model.get_weights()]:
            raise ModelProblem(
                f"--strings-from takes a {self._name} model that 'strings' has trained; this one "
                f"is {network.architecture}."
            )
        self.model.set_weights(weights)
        self._given, self._left_to_tell = weights, 0

    def keep(self, share: float) -> None:
        """Take a mean of the weights that were given, by their share, and what they have become.

        What the first training knew and the second forgets stays (Wortsman et al. 2022).
        """
        both = zip(self._given, self.model.get_weights(), strict=True)
        self.model.set_weights([share * old + (1 - share) * new for old, new in both])

    def step(self, batch: "Batch") -> float:
        """Learn from one batch; return the loss for each strip."""
        known = self._left_to_tell > 0
        self._left_to_tell -= 1
        names = ("where",) if known else ("texts", "lengths", "places")
        given = {name: self._tensor(getattr(batch, name)) for name in names}
        return float((self._told if known else self._untold)(self._tensor(batch.strips), given))

    def finished(self) -> Any:
        """Return the model for one window, with probabilities, as it is saved."""
        window = self._keras.Input((STRIP_HEIGHT, self._window, 1))
        return self._keras.Sequential([window, *self._chain, self._keras.layers.Softmax()])

    def network(self) -> Network:
        """Return what is learnt so far."""
        return ModelFile(self.finished()).network
