"""How servers call how late a copy of their data is, and how late they were told to keep it."""

import re

# MySQL and MariaDB: what SHOW REPLICA STATUS and its exporters call it.
SECONDS_BEHIND = r"seconds_behind_(?:master|source)"
# MySQL, PostgreSQL, MongoDB.
TOLD_DELAY = r"(?:sql|source|master|min_apply)_?delay|(?:secondary|slave)_?delay(?:_?secs)?|replset\w*config\w*_delay"
# The series of the same exporter that belong to each other: how late a copy is, and the delay that is part of that.
LATE_SERIES = re.compile(rf"mysql_(?:slave|replica)_status_{SECONDS_BEHIND}")
TOLD_SERIES = ("mysql_slave_status_sql_delay", "mysql_replica_status_sql_delay")
