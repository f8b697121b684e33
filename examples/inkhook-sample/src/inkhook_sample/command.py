"""The command `inkhook sample`: count a run's unsure answers by digit."""

import csv
from collections import Counter
from pathlib import Path

import click


@click.command(
    "sample",
    short_help="Count the answers of a run that weren't sure.",
    epilog="Example: inkhook sample artifacts/first",
)
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
def count(run):
    """Count the answers that weren't sure, by digit.

    RUN is the folder of a run with the plugin 'sample'.
    """
    path = run / "sample.csv"
    if not path.exists():
        raise click.UsageError(f"There is no {path.name} in '{run}'; use the plugin 'sample'.")
    with path.open(newline="") as file:
        counts = Counter(row["digit"] for row in csv.DictReader(file))
    for digit, count in sorted(counts.items()):
        click.echo(f"{digit}  {count}")
