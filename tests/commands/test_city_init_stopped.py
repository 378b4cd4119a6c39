"""The questions of `afterbell city init`, ended half way."""

import io
import sys

from tests.commands.test_city import counts, empty, run  # noqa: F401  (a fixture)


def test_ctrl_d_in_the_questions_is_one_line(empty, monkeypatch, capsys):  # noqa: F811
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("云州市\n"))
    assert run() == 2
    assert "still missing" in capsys.readouterr().err
    assert counts() == [0, 0, 0, 0]
