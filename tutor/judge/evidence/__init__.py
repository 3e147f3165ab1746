"""The evidence of one run, read from its report and timeline: the questions that causes ask, each worked out
once.

:mod:`run` is the whole of it for one run, with :mod:`paths` through the design, :mod:`downtime`,
:mod:`waits`, :mod:`failures` of clients, :mod:`endings` of events and :mod:`series`; :mod:`symptom` is what
has to be explained. Nothing here knows a cause.
"""
