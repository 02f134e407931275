"""The fire drill: break a real service and walk the whole loop."""
