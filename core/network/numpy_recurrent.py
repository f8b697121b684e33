"""Recurrent layers in NumPy: LSTM, GRU and SimpleRNN. Formulas are Keras 3's."""

from collections.abc import Callable

import numpy as np

from ..base.types import FloatArray
from .network import Layer
from .numpy_activations import ACTIVATIONS

Activation = Callable[[FloatArray], FloatArray]
RecurrentCell = Callable[[FloatArray, tuple[FloatArray, ...]], tuple[FloatArray, ...]]
"""From one row (N, …) and the states to the new states, of which the first is the output."""


def recurrent(layer: Layer) -> list[Activation]:
    """Return a function that reads float32 (N, rows, numbers) from the first row to the last."""
    options, units = layer.options, layer.options["units"]
    kernel = layer.weights["kernel"]
    cell = {"LSTM": _lstm, "GRU": _gru, "SimpleRNN": _simple}[layer.kind](layer)
    states = 2 if layer.kind == "LSTM" else 1
    bias = layer.weights.get("bias")
    if bias is not None and bias.ndim == 2:
        bias = bias[0]

    def step(x: FloatArray) -> FloatArray:
        rows = x @ kernel  # for all rows at once
        if bias is not None:
            rows = rows + bias
        if options["go_backwards"]:
            rows = rows[:, ::-1]
        state = (np.zeros((len(x), units), np.float32),) * states
        every = []
        for place in range(rows.shape[1]):
            state = cell(rows[:, place], state)
            every.append(state[0])
        return np.stack(every, axis=1) if options["return_sequences"] else every[-1]

    return [step]


def _function(layer: Layer, key: str = "activation") -> Activation:
    name = layer.options[key]
    return ACTIVATIONS[name] if name != "linear" else lambda x: x


def _simple(layer: Layer) -> RecurrentCell:
    memory, activation = layer.weights["recurrent_kernel"], _function(layer)
    return lambda row, states: (activation(row + states[0] @ memory),)


def _lstm(layer: Layer) -> RecurrentCell:
    memory, activation = layer.weights["recurrent_kernel"], _function(layer)
    gate = _function(layer, "recurrent_activation")

    def cell(row: FloatArray, states: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        output, content = states
        take, keep, new, show = np.split(row + output @ memory, 4, axis=1)
        content = gate(keep) * content + gate(take) * activation(new)
        return gate(show) * activation(content), content

    return cell


def _gru(layer: Layer) -> RecurrentCell:
    memory, activation = layer.weights["recurrent_kernel"], _function(layer)
    gate, units = _function(layer, "recurrent_activation"), layer.options["units"]
    reset_after = layer.options["reset_after"]
    bias = layer.weights.get("bias")
    own = bias[1] if bias is not None and bias.ndim == 2 else np.zeros(1, np.float32)

    def cell(row: FloatArray, states: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        output = states[0]
        if reset_after:
            recalled = output @ memory + own
            gates = gate((row + recalled)[:, : 2 * units])
            keep, reset = gates[:, :units], gates[:, units:]
            recalled = np.asarray(reset * recalled[:, 2 * units :], np.float32)
            new = activation(row[:, 2 * units :] + recalled)
        else:
            gates = gate(row[:, : 2 * units] + output @ memory[:, : 2 * units])
            keep, reset = gates[:, :units], gates[:, units:]
            recalled = np.asarray((reset * output) @ memory[:, 2 * units :], np.float32)
            new = activation(row[:, 2 * units :] + recalled)
        return (np.asarray(keep * output + (1 - keep) * new),)

    return cell
