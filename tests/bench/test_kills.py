"""`bench kills`: whatever serves is killed once under the load of the gate and comes back; nothing acknowledged is lost."""

from infra.bench import kills


def test_each_process_comes_back_and_nothing_that_was_acknowledged_is_lost(django_db_blocker):
    with django_db_blocker.unblock():
        outcome = kills.run(schools=None, seed=7, kills=len(kills.TURNS))
    assert outcome.checked, outcome.results
    assert outcome.results["acknowledged"] > 100
    assert outcome.results["unanswered_requests"] > 0
    assert [line["killed"] for line in outcome.results["what"]] == [turn[0] for turn in kills.TURNS]
