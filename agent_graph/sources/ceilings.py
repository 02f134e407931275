"""What a process was started with that caps what it may use, or says what it does when that is used up."""

import re
from collections.abc import Sequence

# Options and variables that bound memory, processors, connections or retention, or name what makes room. No other word
# of a command line is quoted: it may hold a secret.
_CAP = re.compile(
    r"-Xm[xs]\d+\w?\b|-XX:(?:MaxRAMPercentage|MaxHeapSize|MaxDirectMemorySize|MaxMetaspaceSize)=[\w.]+"
    r"|--max[-_](?:old|semi)[-_]space[-_]size[ =]\d+|\b(?:GOMEMLIMIT|GOMAXPROCS|MALLOC_ARENA_MAX)=\w+"
    r"|--?max-?memory(?:-policy|-samples)?[ =][\w%-]+|\b(?:php_)?memory_limit[ =]\d+\w?|\bmem_limit[ =]\d+\w?"
    r"|--(?:storage\.tsdb\.)?retention[\w.]*[ =]\w+"
    r"|--[\w.-]{0,40}(?:cache|heap|memory|mem)[-_.](?:max|size|limit|policy)[\w-]*[ =][\w%.-]+"
    r"|--max[-_.](?:connections|clients|workers|tasks|requests|memory|rss|children|threads|heap)[\w.-]*[ =]\w+"
    r"|\b(?:max_connections|shared_buffers|work_mem|temp_file_limit|innodb_buffer_pool_size|max_wal_size)=\w+",
    re.IGNORECASE,
)
_MOST = 6


def caps_of(words: Sequence[str]) -> list[str]:
    """Those of a command line and an environment, as they were given."""
    found = [match[0].strip() for match in _CAP.finditer(" ".join(words))]
    return list(dict.fromkeys(found))[:_MOST]
