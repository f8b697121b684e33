"""The plugin and its command: no display, no training, a small model that reads real digits."""

from inkhook.testing import check_plugin, new_session, predict, run_cli

from inkhook_sample import Sample


def test_inkhook_finds_nothing_wrong_with_it():
    assert check_plugin("sample") == []


def test_it_lists_what_is_not_sure(tiny_dataset, tmp_path, capsys):
    predictions = predict(tiny_dataset)
    unsure = int((predictions.confidence < 0.5).sum())
    with new_session(Sample, folder=tmp_path, sample_below=0.5) as session:
        session.tell("on_prediction", predictions=predictions)
    assert capsys.readouterr().out == f"Unsure: {unsure} of 100\n"
    assert len((tmp_path / "sample.csv").read_text().splitlines()) == unsure + 1


def test_the_command_counts_what_the_plugin_listed(tiny_data, tiny_model, tmp_path):
    words = ["run", "--data", tiny_data, "--model", tiny_model, "-o", tmp_path]
    result = run_cli([*words, "--sample-below", 0.9], plugins=["sample"])
    assert result.exit_code == 0, result.output
    listed = len((tmp_path / "sample.csv").read_text().splitlines()) - 1
    assert f"Unsure: {listed} of 100" in result.stdout

    result = run_cli(["sample", tmp_path])
    assert sum(int(line.split()[1]) for line in result.stdout.splitlines()) == listed


def test_a_run_without_the_plugin_is_a_usage_error(tmp_path):
    assert run_cli(["sample", tmp_path]).exit_code == 2
