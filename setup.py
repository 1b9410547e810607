"""What is installed: `plandrift`, and inside it the four folders that lie beside it in a checkout."""

from setuptools import find_namespace_packages, setup

setup(
    packages=["plandrift"]
    + [
        f"plandrift.{name}"
        for folder in ("sim", "worlds", "policies", "experiments")
        for name in find_namespace_packages(include=[folder, f"{folder}.*"], exclude=["*__pycache__*"])
    ]
)
