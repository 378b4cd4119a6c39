"""`afterbell bench`: names, options, and exit codes that scripts rely on."""

import argparse
from importlib import import_module

import pytest

from infra.bench import command
from infra.bench.stage import Outcome


def parsed(*words):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("name", sorted(command.BENCHES))
def test_each_name_is_a_benchmark(name):
    module, _, function = command.BENCHES[name].rpartition(".")
    assert callable(getattr(import_module(module), function))


def test_only_some_benchmarks_work_in_a_kept_database():
    with pytest.raises(ValueError, match="database of its own"):
        command.run(parsed("open", "--database", "bench_bozhou"))


@pytest.mark.parametrize("name", ["afterbell", "bench_", "bench_a;b", "postgres"])
def test_a_kept_database_can_not_be_the_citys_own(name):
    with pytest.raises(SystemExit):
        parsed("pages", "--database", name)


@pytest.mark.parametrize(("checked", "code"), [(True, 0), (False, 1)])
def test_wrong_results_are_exit_1_and_written_as_such(checked, code, monkeypatch, tmp_path):
    outcome = Outcome(
        "rollup", 3, 7, checked, {"seconds": 1.0, "pages": [{"path": "/", "p50_ms": 2.5}]}, {"cores": 2}
    )
    monkeypatch.setattr(command, "dotted", lambda _path: lambda **_: outcome)
    file = tmp_path / "out.json"
    assert command.run(parsed("rollup", "--json", str(file))) == code
    assert f'"checked": {"true" if checked else "false"}' in file.read_text()
