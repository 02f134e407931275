"""Two analysts with one result (Draft): the rules always speak, a model speaks on top of them."""
