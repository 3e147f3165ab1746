"""Why a goal was missed: trigger, mechanism, effect - found from the outcome alone.

Each module but the ones named here is a family of causes; :mod:`cause` says what a cause is, :mod:`case` is the evidence they look at
(with :mod:`ways` through the design, :mod:`downtime`, :mod:`waiting`, :mod:`failing`, :mod:`fates` of events and :mod:`tracks`),
:mod:`symptom` what they explain, :mod:`registry` all of them.
"""

from tutor.judge.diagnosis.cause import Diagnosis
from tutor.judge.diagnosis.registry import CAUSES, diagnose

__all__ = ["CAUSES", "Diagnosis", "diagnose"]
