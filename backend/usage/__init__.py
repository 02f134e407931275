"""What the model costs: prices, the month's bill of a team, and the cap at which the rules answer alone."""
