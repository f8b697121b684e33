"""The tutorial's recipe in plain Keras, as one process: the baseline of the benchmarks.

Train 784-512-10 with batches of 32 for 10 epochs, evaluate, predict the test images, and save a
figure of 16 wrong predictions.
Usage: python benchmarks/tutorial.py MNIST_FOLDER FIGURE SEED [MODEL]; the last saves the model, too
"""

import gzip
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from matplotlib import use

use("Agg")
from matplotlib import pyplot as plt

folder, figure, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def read(name: str, header: int) -> np.ndarray:
    """Return the bytes of an IDX file after its header."""
    data = gzip.decompress((folder / name).read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def images(name: str) -> np.ndarray:
    """Return images as the tutorial prepares them."""
    return read(name, 16).reshape(-1, 784).astype("float32") / 255


keras.utils.set_random_seed(seed)
train_images, test_images = (
    images("train-images-idx3-ubyte.gz"),
    images("t10k-images-idx3-ubyte.gz"),
)
train_labels, test_labels = (
    read("train-labels-idx1-ubyte.gz", 8),
    read("t10k-labels-idx1-ubyte.gz", 8),
)
model = keras.Sequential(
    [
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_images, train_labels, batch_size=32, epochs=10)
loss, accuracy = model.evaluate(test_images, test_labels)
predicted = model.predict(test_images).argmax(axis=1)
wrong = np.flatnonzero(predicted != test_labels)
plt.figure(figsize=(14, 12))
for place, index in enumerate(np.random.choice(wrong, 16)):
    plt.subplot(4, 4, place + 1)
    plt.imshow(test_images[index].reshape(28, 28), cmap="gray")
    plt.title(f"Label : {test_labels[index]} | Predict : {predicted[index]}")
    plt.axis("off")
plt.savefig(figure)
print(f"Test accuracy: {accuracy:.2%}")
if len(sys.argv) > 4:
    model.save(sys.argv[4])
