"""Changes that CI and people register: what was rolled out or switched, where and when."""
