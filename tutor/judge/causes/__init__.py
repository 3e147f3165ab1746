"""The named causes, one module a family: each cause is a declaration and one pure function that looks for it
in the evidence.

:mod:`cause` says what a cause is; :mod:`tutor.judge.diagnosis` has the list of all of them and the search
through it.
"""
