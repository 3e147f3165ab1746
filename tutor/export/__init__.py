"""A design as a project, or a document, that leaves the game: ``tutor export``.

:mod:`tutor.export.project` writes a FastStream project for a broker; :mod:`tutor.export.asyncapi` and
:mod:`tutor.export.mermaid` write one document each. Nothing that is exported imports ``tutor``.
"""
