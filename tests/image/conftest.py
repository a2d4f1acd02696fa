"""The sidecar's image, built once."""

import os
from collections.abc import Iterator
from shutil import rmtree

import pytest

from stack.image import Image, Images, ServingImage, images_can_be_built

TOKEN = "only-for-the-tests-of-the-image"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    if not images_can_be_built():
        why = "building an image without Docker takes Debian, root, and the right to mount"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    folder = tmp_path_factory.mktemp("images")
    yield Images(folder).build("sidecar/Dockerfile", "prompt-cache-sidecar")
    rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def serving(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingImage]:
    with image.serving(tmp_path_factory.mktemp("serving"), token=TOKEN) as container:
        yield container
