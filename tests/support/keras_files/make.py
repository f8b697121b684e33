"""Make the files beside this one: small models as Keras 2.12 saved them, and its own answers.

They need an environment of their own, which today's Keras can't share:

    python3.11 -m venv keras2 && keras2/bin/pip install tensorflow==2.12.1
    keras2/bin/python tests/support/keras_files/make.py

Each is trained for a moment on a few thousand digits, so that it reads far more of them than chance
would. `answers.npz` has, for each model, what it answers to 20 test digits, and the digits.
Two of them are saved as `.keras` files, too.
"""

import gzip
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import numpy.typing as npt
import tensorflow as tf

Array = npt.NDArray[np.uint8]

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "plugins" / "mnist"
layers, models = tf.keras.layers, tf.keras.models


def read(name: str, skip: int) -> Array:
    data = gzip.decompress((DATA / f"{name}-ubyte.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=skip)


def dense() -> Any:
    return models.Sequential(
        [
            layers.Dense(8, activation="relu", input_shape=(784,)),
            layers.Dropout(0.1),
            layers.Dense(10, activation="softmax"),
        ]
    )


def convolution() -> Any:
    return models.Sequential(
        [
            layers.Conv2D(4, 3, strides=2, use_bias=False, input_shape=(28, 28, 1)),
            layers.BatchNormalization(),
            layers.LeakyReLU(alpha=0.1),
            layers.ZeroPadding2D(1),
            layers.MaxPooling2D(),
            layers.Conv2D(6, 3, padding="same", activation="relu"),
            layers.SpatialDropout2D(0.1),
            layers.Flatten(),
            layers.Dense(10),
            layers.Activation("softmax"),
        ]
    )


def separable() -> Any:
    return models.Sequential(
        [
            layers.SeparableConv2D(6, 3, depth_multiplier=2, strides=2, input_shape=(28, 28, 1)),
            layers.ELU(),
            layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.AveragePooling2D(3),
            layers.Conv2D(10, 1),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def recurrent() -> Any:
    return models.Sequential(
        [
            layers.LSTM(12, input_shape=(28, 28), return_sequences=True),
            layers.GRU(10),
            layers.Dense(10, activation="sigmoid"),
        ]
    )


def old_gates() -> Any:
    return models.Sequential(
        [
            layers.LSTM(12, recurrent_activation="hard_sigmoid", input_shape=(28, 28)),
            layers.Dense(10, activation="softmax"),
        ]
    )


def nested() -> Any:
    inner = models.Sequential(
        [
            layers.Conv2D(4, 5, strides=3, activation="relu", input_shape=(28, 28, 1)),
            layers.Flatten(),
        ],
        name="features",
    )
    head = models.Sequential([layers.Dense(12, activation="relu"), layers.Dense(10)], name="head")
    return models.Sequential([inner, head, layers.Softmax()])


def functional() -> Any:
    start = tf.keras.Input((28, 28), name="image")
    x = layers.Dense(3, activation="tanh")(start)
    x = layers.Flatten()(x)
    x = layers.Dense(16, activation="relu", kernel_regularizer="l2")(x)
    return tf.keras.Model(start, layers.Dense(10, activation="softmax")(x))


def augmented() -> Any:
    normal = layers.Normalization(axis=None)
    normal.adapt(images[:2000].reshape(-1, 28, 28, 1))
    return models.Sequential(
        [
            tf.keras.Input((28, 28, 1), batch_size=32),
            layers.RandomRotation(0.03),
            layers.RandomTranslation(0.05, 0.05),
            normal,
            layers.Resizing(14, 14),
            layers.Rescaling(0.5, offset=0.1),
            layers.Reshape((196,)),
            layers.GaussianNoise(0.1),
            layers.Dense(16, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def scaled(x: Array) -> Any:
    return x / np.float32(255)


MODELS: dict[Callable[[], Any], tuple[Callable[[Array], Any], tuple[int, ...]]] = {
    dense: (scaled, (784,)),
    convolution: (lambda x: scaled(x) * 2 - 1, (28, 28, 1)),
    separable: (lambda x: scaled(x) - 0.5, (28, 28, 1)),
    recurrent: (scaled, (28, 28)),
    old_gates: (scaled, (28, 28)),
    nested: (lambda x: 1 - scaled(x), (28, 28, 1)),
    functional: (lambda x: tf.keras.utils.normalize(x, axis=1).astype("f4"), (28, 28)),
    augmented: (lambda x: x.astype("f4"), (28, 28, 1)),
}
"""For each: how its inputs are scaled, and their shape."""

images = read("train-images-idx3", 16).reshape(-1, 28, 28)[:8000]
labels = read("train-labels-idx1", 8)[:8000]
tests = read("t10k-images-idx3", 16).reshape(-1, 28, 28)[:1000]
truth = read("t10k-labels-idx1", 8)[:1000]

answers: dict[str, Any] = {"images": tests[:20]}
for make, (scale, shape) in MODELS.items():
    name = make.__name__
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(1)
    model = make()
    losses = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False)
    optimizer = tf.keras.optimizers.Adam(0.005)
    if make is dense:
        optimizer = tf.keras.optimizers.legacy.SGD(0.1)  # its state is small
    model.compile(optimizer, losses, metrics=["accuracy"])
    model.fit(scale(images).reshape(-1, *shape), labels, batch_size=32, epochs=6, verbose=0)
    inputs = scale(tests).reshape(-1, *shape)
    probabilities = model(inputs[:992], training=False).numpy()
    right = (probabilities.argmax(axis=1) == truth[:992]).mean()
    padded = np.zeros((32, *shape), np.float32)
    padded[:20] = inputs[:20]
    answers[name] = model(padded, training=False).numpy()[:20]
    # one with the optimizer's state, as `model.save` leaves it
    model.save(HERE / f"{name}.h5", include_optimizer=name == "dense")
    if make in (nested, functional):
        model.save(HERE / f"{name}.keras", save_format="keras_v3")
    print(name, round(float(right), 3), (HERE / f"{name}.h5").stat().st_size, file=sys.stderr)
np.savez_compressed(HERE / "answers.npz", **answers)
