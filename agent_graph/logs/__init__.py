"""From a hundred thousand log lines to the few hundred that matter: lines, templates, folded stack traces, digest."""
