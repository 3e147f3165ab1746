"""The screens of the terminal: one module a screen, imported when it is first opened."""
