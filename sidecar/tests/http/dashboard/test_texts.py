"""No text is without its French, and none of the catalog is said by nobody."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from prompt_cache.http import dashboard

FOLDER = Path(dashboard.__file__).parent
LANGUAGES = sorted(each.parent.parent.name for each in FOLDER.glob("translations/*/LC_MESSAGES/messages.po"))
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "text": None, "ngettext": (1, 2), "texts": (1, 2)}
_PLACES = re.compile(r"%\((\w+)\)s")


def said() -> Catalog:
    """Every text that the pages say."""
    catalog = Catalog()
    options = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "false", "silent": "false"}}
    for file, line, message, comments, _ in extract_from_dir(
        FOLDER, _METHODS, options, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        catalog.add(message, locations=[(file, line)], auto_comments=comments)
    return catalog


def known(language: str) -> Catalog:
    with (FOLDER / "translations" / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> list[str]:
    """One, or one for each number."""
    return [str(form or "") for form in (text if isinstance(text, list | tuple) else [text])]


def test_french_is_known() -> None:
    assert "fr" in LANGUAGES
    assert len(said()) > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_without_its_translation(language: str) -> None:
    catalog, missing = known(language), Catalog()
    for message in said():
        found = catalog.get(forms(message.id)[0])
        if message.id and (found is None or found.fuzzy or not all(forms(found.string))):
            missing.add(message.id, locations=message.locations)
    paste = BytesIO()
    write_po(paste, missing, omit_header=True)
    assert paste.getvalue().decode() == "", f"add what is missing to translations/{language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_of_what_nobody_says(language: str) -> None:
    ids = {message.id for message in said()}
    assert [message.id for message in known(language) if message.id and message.id not in ids] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_fills_in_what_the_text_does(language: str) -> None:
    for message in known(language):
        if not message.id:
            continue
        wanted = set(_PLACES.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            assert set(_PLACES.findall(form)) == wanted, message.id
