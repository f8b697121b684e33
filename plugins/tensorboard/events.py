"""Write TensorBoard's event files, without TensorFlow: records of protocol buffers.

TensorBoard's own writers open files through TensorFlow if it is installed, which takes seconds; its
protocol buffers and record format don't need it. See
docs/decisions/024-tensorboard-without-tensorflow.md.
"""

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_STRING
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboard.summary.writer.record_writer import RecordWriter


class EventFile:
    """One event file; TensorBoard sees its contents after `flush`.

    Attributes
    ----------
    path : pathlib.Path
        Its folder.
    """

    def __init__(self, path: Path) -> None:
        """Create a file in this folder; raises OSError if it can't be written."""
        self.path = path
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}"
        path.mkdir(parents=True, exist_ok=True)
        self._writer = RecordWriter((path / name).open("wb"))
        self._write(Event(file_version="brain.Event:2"))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Add a point to a curve."""
        self._add(Summary.Value(tag=tag, simple_value=value), step)

    def image(self, tag: str, png: bytes, step: int) -> None:
        """Add a picture."""
        width, height = struct.unpack_from(">II", png, 16)  # where every PNG has its size
        strings = [str(width).encode(), str(height).encode(), png]
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=len(strings))])
        tensor = TensorProto(dtype=DT_STRING, string_val=strings, tensor_shape=shape)
        plugin = SummaryMetadata.PluginData(plugin_name="images")
        metadata = SummaryMetadata(plugin_data=plugin)
        self._add(Summary.Value(tag=tag, tensor=tensor, metadata=metadata), step)

    def hyperparameters(self, values: Mapping[str, Any], status: str) -> None:
        """Add a run's arguments, and how it ended."""
        start = SessionStartInfo(start_time_secs=time.time())
        for name, value in values.items():
            if isinstance(value, bool):
                start.hparams[name].bool_value = value
            elif isinstance(value, int | float):
                start.hparams[name].number_value = value
            else:
                start.hparams[name].string_value = str(value)
        good = status in ("complete", "stopped")
        end = SessionEndInfo(
            status=STATUS_SUCCESS if good else STATUS_FAILURE, end_time_secs=time.time()
        )
        self._hyper("_hparams_/session_start_info", HParamsPluginData(session_start_info=start))
        self._hyper("_hparams_/session_end_info", HParamsPluginData(session_end_info=end))

    def flush(self) -> None:
        """Make what was written visible to TensorBoard; raises OSError."""
        self._writer.flush()

    def close(self) -> None:
        """Close the file; raises OSError."""
        self._writer.close()

    def _hyper(self, tag: str, data: HParamsPluginData) -> None:
        content = data.SerializeToString()
        plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content)
        nothing = TensorProto(dtype=DT_FLOAT, float_val=[0], tensor_shape=TensorShapeProto())
        metadata = SummaryMetadata(plugin_data=plugin)
        self._add(Summary.Value(tag=tag, metadata=metadata, tensor=nothing), 0)

    def _add(self, value: Summary.Value, step: int) -> None:
        self._write(Event(step=step, summary=Summary(value=[value])))

    def _write(self, event: Event) -> None:
        event.wall_time = time.time()
        self._writer.write(event.SerializeToString())
