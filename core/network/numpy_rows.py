"""Layers that read an image row by row, in NumPy. Formulas are Keras 3's.

LSTM, GRU and SimpleRNN remember what came before; Conv1D slides a dense layer along the rows.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ..base.types import FloatArray
from .network import Layer

Activation = Callable[[FloatArray], FloatArray]
RecurrentCell = Callable[[FloatArray, tuple[FloatArray, ...]], tuple[FloatArray, ...]]
"""From one row (N, …) and the states to the new states, of which the first is the output."""


def recurrent(layer: Layer, activations: Mapping[str, Activation]) -> Activation:
    """Return a function that reads float32 (N, rows, numbers) from the first row to the last.

    Parameters
    ----------
    layer : Layer
        An LSTM, a GRU or a SimpleRNN.
    activations : mapping
        The functions of the names that a layer's options may have.
    """
    options, units = layer.options, layer.options["units"]
    kernel = layer.weights["kernel"]
    activation = activations[options["activation"]]
    gate = activations[options.get("recurrent_activation", "linear")]
    cell = {"LSTM": _lstm, "GRU": _gru, "SimpleRNN": _simple}[layer.kind](layer, activation, gate)
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

    return step


def sliding(layer: Layer, activations: Mapping[str, Activation]) -> Activation:
    """Return a Conv1D layer's function: float32 (N, rows, numbers) to (N, places, filters)."""
    kernel, bias = layer.weights["kernel"], layer.weights.get("bias")
    wide, step = len(kernel), layer.options["strides"]
    flat = kernel.reshape(-1, kernel.shape[2])
    activation = activations[layer.options["activation"]]

    def slide(x: FloatArray) -> FloatArray:
        if layer.options["padding"] == "same":
            missing = max((-(-x.shape[1] // step) - 1) * step + wide - x.shape[1], 0)
            x = np.pad(x, ((0, 0), (missing // 2, missing - missing // 2), (0, 0)))
        places = (x.shape[1] - wide) // step + 1
        end = (places - 1) * step + 1
        rows = np.concatenate([x[:, i : i + end : step] for i in range(wide)], axis=2)
        y = rows @ flat
        if bias is not None:
            y += bias
        return activation(y)

    return slide


def _simple(layer: Layer, activation: Activation, _: Activation) -> RecurrentCell:
    memory = layer.weights["recurrent_kernel"]
    return lambda row, states: (activation(row + states[0] @ memory),)


def _lstm(layer: Layer, activation: Activation, gate: Activation) -> RecurrentCell:
    memory = layer.weights["recurrent_kernel"]

    def cell(row: FloatArray, states: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        output, content = states
        take, keep, new, show = np.split(row + output @ memory, 4, axis=1)
        content = gate(keep) * content + gate(take) * activation(new)
        return gate(show) * activation(content), content

    return cell


def _gru(layer: Layer, activation: Activation, gate: Activation) -> RecurrentCell:
    memory, units = layer.weights["recurrent_kernel"], layer.options["units"]
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
