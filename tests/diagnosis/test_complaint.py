"""A person's words find the problems they mean."""

from __future__ import annotations

import pytest

from crashcart.diagnosis import complaint_findings
from crashcart.diagnosis.complaint import stems


def problems(kit, **words):
    build = kit.build()
    for name, text in words.items():
        build.problem(name, words=text)
    return build.net().problems


@pytest.mark.parametrize(
    ("one", "other"),
    [("failing", "failed"), ("summaries", "summary"), ("timed", "times"), ("stopped", "stops"), ("Jobs", "job")],
)
def test_forms_of_a_word_are_one(one, other):
    assert stems([one]) == stems([other])


def test_words_that_say_nothing_are_dropped():
    assert stems(["it", "is", "not", "working", "for", "us", "please"]) == stems(["work"])


def test_the_problem_that_shares_rare_words_is_meant(kit):
    known = problems(kit, fails="jobs end as failed", slow="jobs take very long", lost="mail is lost")
    assert list(complaint_findings("all our JOBS are failing!", known)) == ["api:g.fails"]
    assert list(complaint_findings("jobs", known)) == ["api:g.fails", "api:g.slow"]
    assert complaint_findings("the coffee is cold", known) == {}


def test_a_complaint_raises_the_causes_of_its_problem(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"), words="jobs end as failed")
    build.problem("slow", build.check("slow answers"), words="answers take long")
    one, other = build.cause("a", problem="fails"), build.cause("b", problem="slow")
    net = build.net()
    before, after = kit.all_p(net, []), kit.all_p(net, [], complaint="jobs failed")
    ratio = (after[one] / after[other]) / (before[one] / before[other])
    assert ratio == pytest.approx((1 - 0.9 * 0.15) / 0.1, rel=1e-5)
