"""The numbers that no guide states, each with its reason. Logarithms are natural unless a name says otherwise."""

from __future__ import annotations

import math

DECIBANS_PER_NAT = 10.0 / math.log(10.0)
BITS_PER_NAT = 1.0 / math.log(2.0)

# Prior: P(cause began within the window) = 1 - exp(-rate * window).
WINDOW_MONTHS = 1.0 / 30.0  # 24 h: what broke longer ago would have been found

# Likelihoods are kept off 0 and 1, so that no single finding is beyond appeal.
FLOOR = 1e-4
SHIFT_ELSE = 0.3  # *sometimes*: how often a *rarely* or *never* claim holds without the cause

# The unknown. For every cause there is an unknown look-alike: it does to symptoms, health and complaint what the cause
# does, and is a third as frequent. So a cause that is known by its shared symptoms alone never passes 3/4, whatever
# became of its rivals: one fault in four is taken to be missing from the guides.
KIN_SHARE = 1.0 / 3.0
# A sign of one cause shows in its look-alike with this share of its likelihood; a sign that m causes have in common
# with 1 - (1 - KIN_SIGN) / m, because what many known causes do, an unknown one is likely to do as well. Signs that
# are missing cost the look-alike nothing: refuting the known must not refute the unknown.
KIN_SIGN = 0.25
# From this margin over its look-alike (decibans, sum over the signs that were seen) a cause has evidence of its own.
OWN_EVIDENCE_DB = 3.0

# Generic impairment of a target that fails by a fault that resembles no known cause at all.
UNKNOWN_PER_MONTH = 0.2  # *uncommon*, and never more than KIN_SHARE of the most frequent known cause of the target
UNKNOWN_ANYWHERE_PER_MONTH = 0.05  # *rare*
IMPAIRED = 0.5  # P(a health item fails, or a symptom is seen | something in this target is broken)
IMPAIRED_FROM_BELOW = 0.3  # the same, when what is broken is something that the target needs
WARN_ALARM = 0.1  # a `warn:` item fails this often although nothing is wrong

# What a person says (design: likelihood *usually*, false alarm of a person).
COMPLAINT_LIKELIHOOD = 0.85
COMPLAINT_ALARM = 0.1

# Choice and stopping.
BEST = 160  # hypotheses over which looks are chosen
NEGLIGIBLE = 9.0  # nats below the best one at which a hypothesis is left out of the choice
BATCH = 6
SHORTLIST = 16  # nodes whose overlap with the batch so far is worked out
PER_LOOK_S = 0.02  # load of one more look in a batch
QUESTION_S = 30.0  # a person's attention
# 0.005 bits move a probability of 0.8 by about 0.002: nobody would act differently. Slow looks must tell more.
MIN_GAIN_BITS = 0.005
CONDITION_ELSE = 0.5  # how often an **Only if** holds when the cause is not there, for the choice alone
DECIDED = 0.95  # leaves at most 0.05 to everything else together: a margin of 19 to 1
LIKELY = 0.8  # enough when no look is left that would tell more
RANKED = 20


def settle(value: float) -> float:
    """Return the value as it is compared, sorted and reported: to 1e-9, without a negative zero."""
    return round(value, 9) + 0.0


def clamp(p: float) -> float:
    """Return a probability that is neither impossible nor certain."""
    return min(max(p, FLOOR), 1.0 - FLOOR)


def prior_odds_log(per_month: float) -> float:
    """Return log(p / (1 - p)), p = 1 - exp(-rate * window): the odds against nothing being wrong."""
    return math.log(math.expm1(max(per_month, 1e-9) * WINDOW_MONTHS))


def noisy_or(h: float, f: float) -> float:
    """Return P(claim true | cause) when the claim may also be true without it."""
    return 1.0 - (1.0 - f) * (1.0 - h)


def decibans(log_ratio: float) -> float:
    """Return 10 * log10 of a likelihood ratio given by its natural log."""
    return settle(log_ratio * DECIBANS_PER_NAT)
