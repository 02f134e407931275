"""What stands beside a finding: what was changed or begun, who holds or shares, what was said first or before."""
