"""Images that are mounted: packed to the last byte as they were made, always full, and written by nobody."""

import re
from collections.abc import Mapping

# Snaps, CD and cloud-init images, firmware and container layers; where snapd mounts them.
_KINDS = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs", "cd9660", "cdfs"})
_PLACES = re.compile(r"^(?:/rootfs|/host)?/(?:var/lib/snapd/)?snap/")


def packed(labels: Mapping[str, str]) -> bool:
    """As exporters label a filesystem."""
    return labels.get("fstype", "").lower() in _KINDS or _PLACES.match(labels.get("mountpoint", "")) is not None
