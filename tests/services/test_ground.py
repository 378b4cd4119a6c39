"""Root below a private folder: the servers work outside of it without any right of root, and leave nothing there."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from afterbell.services import embedded, ground, programs
from afterbell.services.embedded import ServiceError

ROOT = Path(__file__).resolve().parents[2]
HOLD = (
    "import sys, time; from pathlib import Path; from afterbell.services import embedded, ground\n"
    "ground.OUTSIDE = Path(sys.argv[2])\n"
    "with embedded.servers(Path(sys.argv[1])) as r: print(r.database_url, flush=True); time.sleep(60)"
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


@pytest.fixture
def outside(open_folder, monkeypatch):
    """Instead of /var/lib/afterbell."""
    monkeypatch.setattr(ground, "OUTSIDE", open_folder / "lib" / "afterbell")
    return ground.OUTSIDE


@pytest.fixture
def home(open_folder):
    """Below a folder that is root's alone."""
    folder = open_folder / "private"
    folder.mkdir(mode=0o700)
    return folder / ".afterbell"


def places(outside):
    return sorted(path for path in outside.iterdir() if path.is_dir())


def rights_of(process):
    lines = dict(line.split(":\t") for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return {name: int(lines[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}


def test_both_servers_run_outside_and_hold_no_right_of_root(home, outside, capsys):
    with embedded.servers(home):
        (place,) = places(outside)
        for process in (embedded.postgres_process(home), embedded.redis_process(home)):
            assert set(rights_of(process).values()) == {0}
            assert process.username() == programs.PLAIN_USER
            assert Path(process.exe()).is_relative_to(place)
            assert Path(process.cwd()).is_relative_to(place)
        assert str(place) in capsys.readouterr().err
    assert places(outside) == []


def test_the_data_is_at_home_afterwards_and_there_again_the_next_time(home, outside):
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        connection.execute("CREATE TABLE kept (x int)")
    assert (home / "postgres" / "PG_VERSION").exists()
    assert (home / "redis" / "redis.conf").exists()
    assert not (home / ground.LINK).is_symlink()
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_the_second_user_finds_them_where_they_run(home, outside):
    with embedded.servers(home) as first:
        with embedded.servers(home) as second:
            assert first == second
        assert len(places(outside)) == 1
        embedded.postgres_process(home)


def test_a_folder_that_everybody_may_enter_stays_the_place_of_its_data(home, outside):
    home.parent.chmod(0o755)
    with embedded.servers(home):
        assert Path(embedded.postgres_process(home).cwd()) == home / "postgres"
    assert not outside.exists()


def test_a_folder_that_was_made_private_since_is_left_for_the_place_outside(home, outside):
    home.parent.chmod(0o755)
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        connection.execute("CREATE TABLE kept (x int)")
    home.parent.chmod(0o700)
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_home_that_is_roots_alone_is_private_too(home, outside):
    """As with the mask 077: nothing above it is closed, but itself."""
    home.parent.chmod(0o755)
    home.mkdir(mode=0o700)
    with embedded.servers(home):
        assert len(places(outside)) == 1


def killed(home, outside):
    """A run with its servers, all killed at once."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), str(outside)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    url = process.stdout.readline().strip()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (x int)")
    process.kill()
    process.wait()
    servers = [embedded.postgres_process(home), embedded.redis_process(home)]
    for server in servers:
        server.kill()
    psutil.wait_procs(servers, timeout=5)


def test_after_a_kill_the_next_run_goes_on_with_its_data_and_cleans_up(home, outside):
    killed(home, outside)
    (place,) = places(outside)
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        assert places(outside) == [place]
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert places(outside) == []
    assert (home / "postgres" / "PG_VERSION").exists()


def test_a_stop_that_was_cut_off_half_way_is_taken_up(home, outside):
    killed(home, outside)
    (place,) = places(outside)
    subprocess.run(["cp", "-a", place / "redis", home / "redis"], check=True)
    shutil.rmtree(place / "redis")
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert places(outside) == []


def test_data_outside_whose_home_is_gone_is_named_and_never_removed(home, outside, tmp_path, capsys):
    killed(home, outside)
    (place,) = places(outside)
    shutil.rmtree(home)
    with embedded.servers(home):
        pass
    said = capsys.readouterr().err
    assert str(place) in said
    assert str(home) in said
    assert (place / "postgres" / "PG_VERSION").exists()


def test_between_two_disks_the_data_is_copied_with_its_owner(home, outside, monkeypatch):
    rename = Path.rename

    def two_disks(self, goal):
        if self.is_relative_to(outside) != Path(goal).is_relative_to(outside):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, goal)

    monkeypatch.setattr(Path, "rename", two_disks)
    for _ in range(2):
        with embedded.servers(home):
            pass
    assert (home / "postgres" / "PG_VERSION").owner() == programs.PLAIN_USER
    assert places(outside) == []


def test_where_no_place_outside_can_be_had_the_way_out_is_said(home, outside):
    outside.parent.write_text("a file")
    with pytest.raises(ServiceError, match="where all users may go, or set DATABASE_URL and REDIS_URL"):
        embedded.servers(home).__enter__()
