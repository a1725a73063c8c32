"""lsc: language-oriented semantic communication, from an image through words back to an image."""

__version__ = "0.1.0"
