"""The HTTP API of `inkhook serve`: pictures, strokes, descriptions and errors."""

import json
import re
import shutil
import threading
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import cv2
import hostile
import numpy as np
import pages
import pytest
from pen_digits import ONE, SIX, THREE, TWO, ZERO, on
from pen_digits import SEVEN as LINE
from PIL import Image
from served import Served, serving

from inkhook.core.base.problems import PluginProblem
from inkhook.core.base.types import Correction, Dataset
from inkhook.core.events.hooks import hookimpl
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.read_drawings import DrawingModels, drawing_reader
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.number import Numbers
from inkhook.plugins.serve import engine, learning, limits, review_routes, routes
from inkhook.testing import draw, new_session

SEVEN = [[70.0, 60.0], [140.0, 55.0], [210.0, 60.0], [180.0, 120.0], [150.0, 180.0], [130.0, 235.0]]


def png(image: Any) -> bytes:
    return cv2.imencode(".png", 255 - image)[1].tobytes()


def form(files: dict[str, bytes]) -> tuple[bytes, str]:
    """Return a form with files, and its content type."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files.items()
    ]
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def test_a_digit(served: Served, digits: Dataset) -> None:
    answer = served.post("/api/read?name=a.png", png(digits.test.images[0]))
    found = answer.json
    assert answer.status == 200
    assert (found["digit"], found["status"], found["path"]) == (7, "ok", "a.png")
    assert 0.9 < found["confidence"] <= 1
    assert len(found["probabilities"]) == 10
    assert found["model"] == "pretrained"


def test_the_bytes_decide_not_the_content_type(served: Served, digits: Dataset) -> None:
    said = {"content_type": "text/html"}
    assert served.post("/api/read", png(digits.test.images[1]), **said).json["digit"] == 2


def test_numbers_as_read_writes_them(served: Served, digits: Dataset) -> None:
    page = pages.page_of([pages.row_of(list(digits.test.images[:4]), 40)])
    data = cv2.imencode(".png", page)[1].tobytes()
    found = served.post("/api/read?mode=number&name=row.png&picture=1", data).json
    (number,) = found["numbers"]
    assert number["number"] == "7210"
    assert [digit["digit"] for digit in number["digits"]] == [7, 2, 1, 0]
    assert found["size"] == [page.shape[1], page.shape[0]]
    assert found["picture"].startswith("data:image/jpeg;base64,")
    assert "picture" not in served.post("/api/read?mode=number", data).json


def test_a_form_of_several_of_which_one_is_broken(served: Served, digits: Dataset) -> None:
    files = {"a.png": png(digits.test.images[0]), "b.png": b"nothing", "c.png": b""}
    body, kind = form(files)
    found = served.post("/api/read", body, content_type=kind).json
    assert [each["status"] for each in found] == ["ok", "not_image", "empty"]
    assert [each["path"] for each in found] == list(files)
    assert found[1]["remark"]
    assert served.post("/api/read", b"--edge--\r\n", content_type=kind).status == 400
    assert "form" in served.post("/api/read", b"nothing", content_type=kind).error


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        (b"nothing", 415, "not_image"),
        (hostile.bomb(), 413, "too_large"),
    ],
    ids=["text", "bomb"],
)
def test_a_picture_that_cannot_be_read(served: Served, data: bytes, status: int, word: str) -> None:
    answer = served.post("/api/read", data)
    assert (answer.status, answer.json["status"]) == (status, word)
    assert answer.error.startswith("It ")


def test_a_body_over_the_limit(served: Served) -> None:
    answer = served.post("/api/read", bytes(limits.LARGEST + 1))
    assert (answer.status, answer.error) == (413, "The request is larger than 32 MB.")


def test_a_decoder_that_crashes_costs_its_picture_only(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gif = hostile.encode(Image.fromarray(digits.test.images[0]), "GIF")
    crash = gif[:-1] + b"!\xfe" + bytes([len(hostile.CRASH)]) + hostile.CRASH + b"\0;"
    (tmp_path / "sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving(model="pretrained") as served:
        body, kind = form({"a.gif": gif, "crash.gif": crash, "b.gif": gif})
        found = served.post("/api/read", body, content_type=kind).json
        assert [each["status"] for each in found] == ["ok", "decoder_crash", "ok"]
        alone = served.post("/api/read", crash)
        assert (alone.status, alone.error) == (400, "Its decoder crashed.")


def test_strokes_once(served: Served) -> None:
    content = {"width": 280, "height": 280, "strokes": [{"points": SEVEN}]}
    found = served.post("/api/strokes", content).json
    assert (found["text"], found["status"]) == ("7", "ok")
    assert found["digits"][0]["digit"] == 7
    assert served.post("/api/strokes", content | {"strokes": []}).json["status"] == "empty"


def test_numbers_are_drawn_as_in_paint(served: Served) -> None:
    shapes = (ZERO, ONE, TWO, THREE, SIX, LINE)
    reader = drawing_reader(DrawingModels("pretrained", lambda _: None), new_session())
    for number in ((2, 0, 2, 5), (3, 1), (5, 4, 3), (4, 4, 4, 1, 0)):
        lines = [on(shapes[shape], 150, 20 + 130 * at, 60) for at, shape in enumerate(number)]
        content = {"width": 720, "height": 280, "strokes": [{"points": line} for line in lines]}
        found = served.post("/api/strokes", content).json
        canvas = np.zeros((280, 720), np.uint8)
        for line in lines:
            canvas = draw(line, thickness=14, on=canvas).canvas
        own = reader(canvas)
        assert isinstance(own, Numbers)
        assert found["text"] == " ".join(each.text for each in own.numbers)
        digits = [digit for each in own.numbers for digit in each.digits]
        assert [digit["box"] for digit in found["digits"]] == [[*digit.box] for digit in digits]


def test_strokes_with_widths(served: Served) -> None:
    def seen(**more: Any) -> str:
        content = {"width": 280, "height": 280, "strokes": [{"points": SEVEN, **more}]}
        found = served.post("/api/strokes", content).json
        assert found["text"] == "7"
        return str(found["digits"][0]["seen"])

    even, thin = seen(brush=20), [20, 14, 8, 8, 8, 8]
    assert seen(brush=20, widths=[20] * len(SEVEN)) == even
    assert seen(brush=20, widths=thin) == seen(widths=thin) != even


@pytest.mark.parametrize(
    ("widths", "sentence"),
    [
        ([20] * 5, "Event 1 needs as many 'widths' as 'points', or none."),
        ([20] * 5 + [-1], "Event 1 needs 'widths' from 0.5 to 280."),
        ([20] * 5 + [float("nan")], "Event 1 has 'widths' that aren't numbers."),
        ([20] * 5 + ["thick"], "Event 1 has 'widths' that aren't numbers."),
    ],
)
def test_bad_widths_are_refused(served: Served, widths: list[Any], sentence: str) -> None:
    stroke = {"points": SEVEN, "widths": widths}
    answer = served.post("/api/strokes", {"width": 280, "height": 280, "strokes": [stroke]})
    assert (answer.status, answer.error) == (400, sentence)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"width": 280, "height": 280},
        {"width": 280, "height": 1e9, "strokes": []},
        {"width": 4000, "height": 4000, "strokes": []},
        {"width": 280, "height": 280, "strokes": [{"points": [[1]]}]},
        {"width": 280, "height": 280, "strokes": [{"points": [[1e300, 1]]}]},
        {"width": 280, "height": 280, "strokes": [{"points": []}]},
        {"width": 280, "height": 280, "page": "", "first": 0},
        {"width": 280, "height": 280, "page": 7, "first": 0},
        {"width": 280, "height": 280, "page": "a", "first": "0"},
        {"width": 280, "height": 280, "page": "a", "first": 0, "events": [{"do": "run"}]},
        {"width": 280, "height": 280, "page": "a", "first": 0, "events": 7},
    ],
)
def test_strokes_that_are_none(served: Served, content: Any) -> None:
    answer = served.post("/api/strokes", content)
    assert answer.status == 400
    assert answer.error.endswith(".")


def test_json_that_is_none(served: Served) -> None:
    assert served.post("/api/strokes", b"{").error == "The body isn't JSON."
    assert served.post("/api/strokes", b"[" * 100_000).error == "The body isn't JSON."


def test_addresses_and_methods_that_are_none(served: Served) -> None:
    for path in ("/api/nothing", "/style", "/../setup.cfg", "/%2e%2e/setup.cfg", "/page/main.js"):
        answer = served.get(path)
        assert answer.status == 404
        assert "nothing at this address" in answer.error
    answer = served.get("/api/read")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert served.ask("DELETE", "/").status == 405
    assert served.post("/api/read?mode=word", b"x").status == 400
    assert served.get("/api/review").status == 404


def test_health_and_model(served: Served) -> None:
    assert served.get("/api/health").json["status"] == "ok"
    model = served.get("/api/model").json
    assert (model["model"], model["review"]) == ("pretrained", None)


def test_the_description_holds_every_address(served: Served) -> None:
    described = served.get("/api/openapi.json").json
    own = {(path, method) for path, methods in described["paths"].items() for method in methods}
    nobody: Any = None
    reviews = review_routes.ReviewApi(nobody, nobody, nobody, nobody)
    learns = learning.LearningApi(Mock(model=read_artifact(SHIPPED)), nobody, nobody)
    with_review = routes.Api(nobody, nobody, nobody, nobody, learns, nobody, reviews)
    there = {
        (re.sub(r":\w+}", "}", address.path), method.lower())
        for address in with_review.routes()
        for method in address.methods or ()
        if method != "HEAD"
    }
    assert own == there
    refs = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(described)))
    assert all(name in described["components"][kind] for kind, name in refs)


def test_the_page_is_small_and_asks_nobody_else(served: Served) -> None:
    folder = Path(routes.__file__).with_name("page")
    files = list(folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 60 * 1024
    for path in files:
        answer = served.get(f"/{path.name}")
        assert answer.status == 200
        assert answer.body == path.read_bytes()
        others = re.findall(r"https?://[^\s\"']+", path.read_text().replace("www.w3.org", ""))
        assert not [url for url in others if url != "http:///2000/svg"]


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.threads: set[int] = set()

    @hookimpl
    def on_prediction(self, predictions: Any) -> None:
        self.threads.add(threading.get_ident())
        self.told.append((predictions.source, predictions.ids, predictions.digits.tolist()))

    @hookimpl
    def on_number(self, numbers: Any) -> None:
        self.told.append(("number", numbers.path, [each.number for each in numbers.numbers]))

    @hookimpl
    def on_correction(self, correction: Any) -> None:
        self.threads.add(threading.get_ident())
        self.told.append(correction)

    @hookimpl
    def on_stroke(self, stroke: Any, canvas: Any) -> None:
        self.told.append(("stroke", len(stroke.points), canvas.shape, int(canvas.max())))


def test_plugins_hear_all_on_one_thread(digits: Dataset) -> None:
    listener = Listener()
    with serving(listener, model="pretrained") as served:
        served.post("/api/read?name=a.png", png(digits.test.images[0]))
        page = pages.page_of([pages.row_of(list(digits.test.images[:4]), 40)])
        data = cv2.imencode(".png", page)[1].tobytes()
        served.post("/api/read?mode=number&name=row.png", data)
        served.post("/api/corrections", {"path": "row.png", "read": "7210", "truth": "7211"})
        assert served.post("/api/corrections", {"path": "", "truth": "x"}).status == 400
        stroke = {"at": 1, "do": "stroke", "brush": 14, "points": SEVEN, "times": [0] * len(SEVEN)}
        drawn = {"page": "p", "width": 280, "height": 280, "first": 0, "events": [stroke]}
        assert served.post("/api/strokes", drawn).json["text"] == "7"
    assert listener.told == [
        ("upload", ("a.png",), [7]),
        ("number", "row.png", ["7210"]),
        ("number", tuple(f"row.png#{place}" for place in range(1, 5)), [7, 2, 1, 0]),
        Correction("upload", "row.png", "7210", "7211"),
        ("stroke", len(SEVEN), (280, 280), 255),
    ]
    assert len(listener.threads) == 1


def test_a_corrected_digit_is_a_sample(in_tmp: Path, digits: Dataset) -> None:
    def saved() -> list[str]:
        return [path.parent.name for path in Path("own").glob("*/*.png")]

    with serving(model="pretrained", samples=Path("own")) as served:
        found = served.post("/api/read?picture=1", png(digits.test.images[0])).json
        said = {"path": "a.png", "read": "7", "sample": found["sample"]}
        correct = partial(served.post, "/api/corrections")
        assert correct({**said, "truth": "1"}).json == {"truth": "1", "saved": True}
        assert saved() == ["1"]
        correct({**said, "truth": "7"})
        assert saved() == ["7"], "the first was a slip"
        (path,) = Path("own/7").iterdir()
        image = np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE))
        assert image.shape == (28, 28)
        assert abs(image.astype(int) - digits.test.images[0]).mean() < 5
        assert served.get("/api/learning").json["new"] == 1
        others: list[Any] = ["../7", "", 7, [], None]
        for other in others:
            assert not correct({**said, "sample": other, "truth": "1"}).json["saved"]
        assert not correct({**said, "truth": "none"}).json["saved"]
        assert saved() == ["7"]
        shutil.rmtree("own")
        Path("own").write_text("no folder")
        answer = correct({**said, "truth": "2"})
        assert answer.status == 503
        assert "own" in answer.error


def test_a_corrected_digit_of_a_number_is_a_sample(in_tmp: Path, digits: Dataset) -> None:
    page = pages.page_of([pages.row_of(list(digits.test.images[:3]), 40)])
    data = cv2.imencode(".png", page)[1].tobytes()
    with serving(model="pretrained", samples=Path("own")) as served:
        assert b"sample" not in served.post("/api/read?mode=number", data).body
        found = served.post("/api/read?mode=number&picture=1", data).json
        (number,) = found["numbers"]
        assert number["text"] == "721"
        for place, shows in ((1, "3"), (1, "2"), (2, "4")):
            sample = number["digits"][place]["sample"]
            said = {"path": "a.png", "read": "721", "truth": "724", "sample": sample}
            assert served.post("/api/corrections", {**said, "shows": shows}).json["saved"]
        wrong: list[Any] = ["72", "", "x", None, [7]]
        for other in wrong:
            assert not served.post("/api/corrections", {**said, "shows": other}).json["saved"]
    assert sorted(path.parent.name for path in Path("own").glob("*/*.png")) == ["2", "4"]
    (path,) = Path("own/4").iterdir()
    image = np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE))
    assert image.shape == (28, 28)
    assert abs(image.astype(int) - digits.test.images[2]).mean() < 10


def test_plugins_that_prepare_and_fail(digits: Dataset) -> None:
    class Inverts:
        @hookimpl
        def prepare_image(self, image: Any, source: str) -> Any:
            return 255 - image

        @hookimpl
        def on_stroke(self) -> None:
            raise ValueError("no")

    content = {"width": 280, "height": 280, "strokes": [{"points": SEVEN}]}
    stroke = {"at": 1, "do": "stroke", "brush": 14, "points": SEVEN, "times": [0] * len(SEVEN)}
    drawn = {"page": "p", "width": 280, "height": 280, "first": 0, "events": [stroke]}
    with serving(Inverts(), model="pretrained") as served:
        assert served.post("/api/read", png(digits.test.images[0])).json["digit"] == 7
        assert served.post("/api/strokes", content).status == 200
        assert served.post("/api/strokes", drawn).status == 200
    assert served.session.exit_code == 1


def test_strict_ends_the_server_at_a_plugins_failure(digits: Dataset) -> None:
    class Fails:
        @hookimpl
        def on_prediction(self) -> None:
            raise ValueError("no")

    with (
        pytest.raises(PluginProblem, match="failed in on_prediction"),
        serving(Fails(), model="pretrained", strict=True) as served,
    ):
        served.post("/api/read", png(digits.test.images[0]))


@pytest.mark.soak
def test_a_picture_that_takes_too_long(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = hostile.DECODER_THAT_CRASHES.replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "import time; time.sleep(60)"
    )
    gif = hostile.encode(Image.fromarray(digits.test.images[0]), "GIF")
    hangs = gif[:-1] + b"!\xfe" + bytes([len(hostile.CRASH)]) + hostile.CRASH + b"\0;"
    (tmp_path / "sitecustomize.py").write_text(slow)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(engine, "PICTURE_SECONDS", 1.0)
    with serving(model="pretrained") as served:
        assert served.post("/api/read", hangs).json["status"] == "decoder_crash"
        assert served.post("/api/read", gif).json["digit"] == 7
