"""Scoring somewhere else: in another process, or in another worker of a page, so that a playback never shares
its core with it.

Whoever plays asks a :class:`~tutor.scoring.remote.RemoteTrials` for a trial; it has the interface of
:class:`tutor.trial.Trial`, and its result is the same to the last digit. Where there is no other place,
the trial is done here, in slices.
"""
