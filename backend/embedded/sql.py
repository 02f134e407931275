"""Where the SQL files are: packed beside this module in an installed wheel, in supabase/ of a checkout."""

from pathlib import Path


def sql_directory() -> Path:
    """The folder that holds `migrations` and `embedded`."""
    packed = Path(__file__).parent / "sql"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "supabase"
