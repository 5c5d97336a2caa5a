"""The product as a whole: command line, one-process composition root, demo."""

from importlib.metadata import version

VERSION = version("baseyear")
