"""Tables of published results: the one that comes with nncli is valid, and errors are reported in one line."""

from pathlib import Path

import pytest

from nncli.config.load import load
from nncli.errors import ConfigError
from nncli.literature import table

TABLE = Path(__file__).parents[2] / "experiments/literature.yaml"
ROW = "{name: a, network: 784-10, recipe: r, published: 1.0, source: s, inputs: images, configuration: a.yaml}"


def test_every_row_has_a_configuration_that_loads():
    networks = [row for row in table.read(TABLE).values() if row.configuration]
    assert len(networks) > 15
    for row in networks:
        config = load(TABLE.parent / str(row.configuration)).config
        units = [layer.units for layer in config.model.layers]
        assert row.network == "-".join(map(str, [(config.data.size or 28) ** 2, *units]))
        assert (row.inputs == "distorted") == (config.data.augment is not None)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("- [", ":1:4: not valid YAML"),
        ("[" * 3000, ":1:66: nested deeper than 64 levels"),
        (f"- {ROW.replace('name: a', 'name: a, name: b')}", ":1:13: [0].name: duplicate key"),
        (f"- {ROW.replace('published: 1.0', 'published: 0')}", "rows.0.published should be greater than 0"),
        (f"- {ROW.replace('inputs: images', 'inputs: all')}", "rows.0.inputs should be"),
        (f"- {ROW.replace('name: a', 'name: A b')}", "rows.0.name"),
        (f"- {ROW}\n- {ROW}", "two rows have the same name"),
        ("a: 1", "rows should be a valid list"),
        (
            f"- {ROW.replace('configuration', 'members: {a: 2}, configuration')}",
            "rows.0 has either a configuration or members",
        ),
        (f"- {ROW.replace('configuration: a.yaml', 'members: {b: 1}')}", "rows.0 has fewer than two members"),
        (f"- {ROW.replace('configuration', 'copies: 2, configuration')}", "rows.0 has copies but no members"),
        (f"- {ROW.replace('configuration: a.yaml', 'members: {b: 2}')}", "rows.a.members: there is no network b"),
    ],
)
def test_an_invalid_table_is_reported(text, part, tmp_path):
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        table.read(path)
    assert str(caught.value).startswith(f"{path}:")
    assert part in str(caught.value)


def test_a_missing_table_is_reported(tmp_path):
    with pytest.raises(ConfigError, match="use --table"):
        table.read(tmp_path / "none.yaml")
