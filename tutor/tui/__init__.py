"""The screens of the game: the only package that knows Textual."""
