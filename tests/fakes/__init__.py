"""The outside that cannot be had, faked at the wire: small real HTTP servers on loopback."""
