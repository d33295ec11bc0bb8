"""Weighs evidence, chooses the next looks, says why. Refuses to take them: no I/O, no clock, no chance.

A `Session` is asked for its `next` batch of looks and fed what they showed, until there is no next one; its
`diagnosis` can be read at any time.
"""

from crashcart.diagnosis.complaint import complaint_findings
from crashcart.diagnosis.explain import why_not
from crashcart.diagnosis.frame import Frame, lay_out
from crashcart.diagnosis.prune import without
from crashcart.diagnosis.session import Brief, Session

__all__ = ["Brief", "Frame", "Session", "complaint_findings", "lay_out", "why_not", "without"]
