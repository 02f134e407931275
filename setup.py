"""Packs what lies outside the Python packages into the wheel: the SQL and the built UI. The rest: pyproject.toml."""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
# Where the running code looks first: backend/embedded/sql.py, backend/system/site.py.
PACKED = {
    HERE / "supabase" / "migrations": "backend/embedded/sql/migrations",
    HERE / "supabase" / "embedded": "backend/embedded/sql/embedded",
    HERE / "frontend" / "dist": "backend/system/dist",
}


class BuildWithAssets(build_py):
    """A checkout (editable install) keeps its files where they are; a wheel without the UI is an error."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for source, target in PACKED.items():
            if not source.is_dir():
                raise SystemExit(f"{source} is missing. Run `make install` first: it builds the UI.")
            copytree(source, Path(self.build_lib) / target, dirs_exist_ok=True, ignore=ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithAssets})
