"""Training in NumPy: the steps that Keras takes, whatever the threads."""

import threading

import numpy as np
import pytest

from inkhook.core.base import blas
from inkhook.core.base.types import FloatArray
from inkhook.core.network.adam import falling
from inkhook.core.network.descent import Descent, dense_network
from inkhook.core.network.keras_model import build_model, follow
from inkhook.core.network.network import Network

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (96, 784), np.uint8)
LABELS = RNG.integers(0, 10, 96)
WANTED = np.eye(10, dtype=np.float32)[LABELS]
RATE, STEPS, BATCH = 0.005, 6, 32


def arrays(network: Network) -> list[FloatArray]:
    return [array for layer in network.layers for array in layer.weights.values()]


def trained(parts: int, images: np.ndarray) -> tuple[Network, Network, FloatArray]:
    """Return a network before and after some steps, and its first answers."""
    start = dense_network((40, 20), np.random.default_rng(3))
    answers = []
    with Descent(start, square=0.98, parts=parts) as descent:
        for step in range(STEPS):
            part = slice(step * BATCH % 96, step * BATCH % 96 + BATCH)
            rate = falling(RATE, step, STEPS)
            answers.append(descent.step(images[part], WANTED[part], rate))
        return start, descent.network(), answers[0]


def test_it_takes_the_steps_of_keras() -> None:
    start, after, first = trained(2, IMAGES)
    import keras

    model = build_model(start)
    assert np.allclose(first, model(IMAGES[:BATCH] / np.float32(255)), atol=1e-6)
    schedule = keras.optimizers.schedules.CosineDecay(RATE, STEPS)
    adam = keras.optimizers.Adam(schedule, beta_2=0.98)
    model.compile(adam, "sparse_categorical_crossentropy")
    scaled = IMAGES / np.float32(255)
    model.fit(scaled, LABELS, batch_size=BATCH, epochs=2, shuffle=False, verbose=0)
    all_three = zip(arrays(after), model.get_weights(), arrays(start), strict=True)
    for ours, theirs, before in all_three:
        assert np.abs(ours - before).max() > 10 * RATE / STEPS, "it has moved"
        assert np.abs(ours - theirs).mean() < 1e-6
    assert np.array_equal(follow(model, after).get_weights()[0], arrays(after)[0])


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_change_rounding_only(parts: int) -> None:
    _, whole, _ = trained(1, IMAGES)
    _, divided, _ = trained(parts, IMAGES)
    _, again, _ = trained(parts, IMAGES)
    for one, other, same in zip(arrays(whole), arrays(divided), arrays(again), strict=True):
        # where a slope is next to nothing, Adam makes much of its rounding
        assert np.abs(one - other).mean() < 1e-6
        assert np.array_equal(other, same)


def test_bytes_are_scaled() -> None:
    _, of_bytes, _ = trained(1, IMAGES)
    _, of_floats, _ = trained(1, IMAGES * np.float32(1 / 255))
    pairs = zip(arrays(of_bytes), arrays(of_floats), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_a_network_taken_out_does_not_change() -> None:
    descent = Descent(dense_network((8,), RNG))
    taken = descent.network()
    before = arrays(taken)[0].copy()
    descent.step(IMAGES, WANTED, RATE)
    assert np.array_equal(arrays(taken)[0], before)
    assert not np.array_equal(arrays(descent.network())[0], before)


def test_a_batch_of_one() -> None:
    start = dense_network((8,), np.random.default_rng(1))
    both = []
    for parts in (1, 2):
        with Descent(start, parts=parts) as descent:
            assert descent.step(IMAGES[:1], WANTED[:1], RATE).shape == (1, 10)
            both.append(arrays(descent.network())[0])
    assert np.abs(both[0] - both[1]).mean() < 1e-6


def test_an_error_in_a_part_is_raised() -> None:
    start = dense_network((8,), RNG)
    with Descent(start, parts=2) as descent, pytest.raises(ValueError, match="matmul"):
        descent.step(IMAGES[:, :700], WANTED, RATE)


@pytest.mark.skipif(blas.threads() is None, reason="NumPy has come without OpenBLAS")
def test_products_stay_on_one_thread_until_the_last_block_ends() -> None:
    before = blas.threads()
    inside, ended = threading.Event(), threading.Event()

    def other() -> None:
        with blas.one_thread():
            inside.set()
            ended.wait(5)

    thread = threading.Thread(target=other)
    with blas.one_thread():
        thread.start()
        assert inside.wait(5)
    assert blas.threads() == 1
    ended.set()
    thread.join()
    assert blas.threads() == before
