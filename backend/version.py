"""The version of this build, as shown by /api/config and the System page."""

from importlib.metadata import version

VERSION = version("nightdesk")
