"""`.keras` files: zip archives that lie, hold too much, or hold what would do harm."""

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .lab import (
    ATTACKS,
    CONFIDENTIAL,
    ESCAPE,
    Attack,
    Lab,
    attack,
    card,
    dense,
    description,
    keras_object,
    layer,
    model,
    swapped,
    weights,
)

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"


def stored(change: Callable[[h5py.File], None] | None = None) -> bytes:
    """Return the good model's weights as a `.keras` file has them, perhaps with a change."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for place, own in zip(("dense", "dense_1"), weights().values(), strict=True):
            for number, array in enumerate(own.values()):
                file[f"layers/{place}/vars/{number}"] = array
        if change:
            change(file)
    return buffer.getvalue()


def parts(**more: Any) -> dict[str, bytes | str]:
    """Return the members of the good archive, some of them replaced."""
    names = {"config": CONFIG, "metadata": METADATA, "weights": WEIGHTS, "notes": "inkhook.json"}
    good: dict[str, bytes | str] = {
        METADATA: json.dumps({"keras_version": "3.15.1"}),
        CONFIG: json.dumps(description()),
        WEIGHTS: stored(),
    }
    return good | {names[key]: value for key, value in more.items()}


def archive(
    members: Mapping[str, bytes | str] | None = None, packing: int = zipfile.ZIP_STORED
) -> bytes:
    """Return an archive; the good one by default."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name, data in (parts() if members is None else members).items():
            file.writestr(zipfile.ZipInfo(name), data, packing)
    return buffer.getvalue()


def enter(name: str, code: str, build: Callable[..., bytes], *args: Any) -> None:
    """Enter an attack whose bytes a function makes."""
    ATTACKS[f"archive_{name}"] = Attack(lambda lab: lab.file(build(*args)), (code,))


def described(change: Callable[[Any], None]) -> bytes:
    content = description()
    change(content["config"]["layers"])
    return archive(parts(config=json.dumps(content)))


for _share in (0.3, 0.6, 0.9, 0.999):
    enter(
        f"cut_at_{_share}",
        "damaged",
        lambda share: archive()[: int(len(archive()) * share)],
        _share,
    )

NAMES = ("../config.json", "/etc/passwd", "C:\\x", "a/../../b", "\\\\host\\x", "..", ESCAPE)
for _place, _name in enumerate(NAMES):
    enter(f"name_{_place}", "member_name", lambda name: archive(parts() | {name: b"x"}), _name)

LAMBDA = layer("Lambda", "code", function=["4wEAAAA=", None, None], function_type="lambda")
CUSTOM = keras_object("builtins", "eval", {}, registered_name="Mine>eval")
DESCRIPTIONS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "lambda": ("class", lambda layers: layers.insert(1, LAMBDA)),
    "custom_class": ("class", lambda layers: layers.insert(1, CUSTOM)),
    "custom_name": ("custom", lambda layers: layers[1].update(registered_name="Mine>Dense")),
    "module": ("module", lambda layers: layers[1].update(module="os")),
    "layer_without_weights": ("weights", lambda layers: layers.insert(2, dense("third", 10))),
    "two_layers_of_one_name": (
        "extra_weights",
        lambda layers: layers[2]["config"].update(name="dense"),
    ),
}
for _key, (_code, _change) in DESCRIPTIONS.items():
    enter(_key, _code, described, _change)

INSIDE: dict[str, tuple[str, Callable[[h5py.File], None]]] = {
    "soft_link": ("link", lambda file: _replace(file, h5py.SoftLink("/layers/dense_1"))),
    "external_link": ("link", lambda file: _replace(file, h5py.ExternalLink("secret.h5", "/"))),
    "not_finite": ("not_finite", lambda file: _fill(file, np.nan)),
    "more_layers": ("extra_weights", lambda file: _add(file, "layers/dense_2/vars/0")),
    "twice": ("ambiguous", lambda file: _add(file, "_layer_checkpoint_dependencies/dense/vars/0")),
    "no_layers": ("no_weights", lambda file: file.move("layers", "other")),
    "deep": ("depth", lambda file: _add(file, "layers/dense/" + "a/" * 20 + "0")),
}
for _key, (_code, _change) in INSIDE.items():
    enter(f"weights_{_key}", _code, lambda change: archive(parts(weights=stored(change))), _change)


def _replace(file: h5py.File, link: Any) -> None:
    del file["layers/dense"]
    file["layers/dense"] = link


def _fill(file: h5py.File, value: float) -> None:
    file["layers/dense/vars/0"][0] = value


def _add(file: h5py.File, path: str) -> None:
    file[path] = np.zeros((784, 8), np.float32)


MEMBERS: dict[str, tuple[str, Callable[[], dict[str, bytes | str]]]] = {
    "config_that_is_no_json": ("json_syntax", lambda: parts(config="{")),
    "config_that_is_deep": ("json_depth", lambda: parts(config="[" * 90_000)),
    "config_that_is_large": ("too_large", lambda: parts(config=" " * 1_000_001)),
    "config_that_is_no_text": ("text_encoding", lambda: parts(config=b"\xff{}")),
    "metadata_that_is_a_list": ("text_type", lambda: parts(metadata="[]")),
    "version_that_is_a_number": ("text_type", lambda: parts(metadata='{"keras_version": 3}')),
    "card_that_is_none": ("json_syntax", lambda: parts(notes='{"inkhook": "x"}')),
    "card_of_no_format": ("card", lambda: parts(notes=json.dumps({"inkhook": '{"format": 9}'}))),
    "weights_that_are_empty": ("not_hdf5", lambda: parts(weights=b"")),
    "weights_that_are_a_pickle": ("not_hdf5", lambda: parts(weights=b"\x80\x04}\x94.")),
    "weights_that_are_an_archive": ("not_hdf5", lambda: parts(weights=archive())),
    "weights_that_are_cut": ("damaged", lambda: parts(weights=stored()[:9000])),
    "a_whole_model_as_weights": ("no_weights", lambda: parts(weights=model())),
    "no_config": ("not_hdf5", lambda: {WEIGHTS: stored()}),
    "no_weights": ("not_hdf5", lambda: {CONFIG: "{}", METADATA: "{}"}),
    "only_names": ("not_hdf5", lambda: {"x": f"{CONFIG} {WEIGHTS}"}),
    "crowd": ("too_many", lambda: parts() | {f"{number}": b"" for number in range(70)}),
}
for _key, (_code, _make) in MEMBERS.items():
    enter(_key, _code, lambda make: archive(make()), _make)


def _bomb(size: int) -> bytes:
    return archive(parts(weights=stored() + bytes(size)), zipfile.ZIP_DEFLATED)


enter("bomb", "ratio", _bomb, 30 * 2**20)
enter("lzma", "storage", lambda: archive(packing=zipfile.ZIP_LZMA))


@attack("too_large")
def archive_with_large_weights(lab: Lab) -> Path:
    noise = np.random.default_rng(0).bytes(2**20)
    return lab.file(archive(parts(weights=stored() + noise + bytes(35 * 2**20)), 8))


def _directory(data: bytes, member: str) -> int:
    """Return where the directory's line on a member begins."""
    return data.rindex(b"PK\x01\x02", 0, data.rindex(member.encode()))


def _patched(offset: int, form: str, value: int, data: bytes | None = None) -> bytes:
    """Return the good archive with a field of the weights' line in the directory changed."""
    content = bytearray(data or archive())
    struct.pack_into(form, content, _directory(bytes(content), WEIGHTS) + offset, value)
    return bytes(content)


enter("encrypted", "encrypted", _patched, 8, "<H", 1)
enter("encrypted_strongly", "encrypted", _patched, 8, "<H", 0x41)
enter("size_too_small", "damaged", _patched, 24, "<I", 5000)
enter("size_too_large", "damaged", _patched, 24, "<I", 2_000_000)
enter("size_beyond_all", "ratio", _patched, 24, "<I", 2**32 - 2)
enter("place_beyond_all", "damaged", _patched, 42, "<I", 2**31)
enter("wrong_sum", "damaged", _patched, 16, "<I", 12345)
enter("place_of_another", "damaged", _patched, 42, "<I", 0)


@attack("duplicate")
def archive_with_two_configs(lab: Lab) -> Path:
    data = archive(parts() | {"config.JSON": b"{}"})
    return lab.file(swapped(data, {b"config.JSON": CONFIG.encode()}))


@attack("not_hdf5")
def archive_behind_other_bytes(lab: Lab) -> Path:
    return lab.file(b"\0" * 100 + archive())


@attack("card")
def archive_whose_card_has_escapes(lab: Lab) -> Path:
    notes = {"inkhook": json.dumps(card() | {"temperature": 0.0, "dataset": ESCAPE})}
    return lab.file(archive(parts(notes=json.dumps(notes))))


@attack("class")
def archive_that_names_the_secret(lab: Lab) -> Path:
    content = keras_object("keras", "Sequential", {"layers": [layer(CONFIDENTIAL[:3], "x")]})
    return lab.file(archive(parts(config=json.dumps(content))))
