"""Hostile configuration files: refused with line and column, at once and in little memory, and nothing is executed."""

import re

from hostile.child import run_all

MODEL = "model: {layers: [{units: 10}]}\n"
MEGABYTE = 1_000_000


def flood(line, count=4_900):
    return MODEL + "".join(line.format(n=n) for n in range(count))


def layers(count, body):
    return "model: {layers: [" + ",".join(f"{{{body}}}" for _ in range(count)) + "]}\n"


HOSTILE = {
    "alias bomb": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 60)),
    "merge bomb": "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 500)),
    "merge key": "<<: {seed: 1}\n" + MODEL,
    "flow nesting": "[" * 100_000,
    "block nesting": "- " * 100_000,
    "mapping nesting": "{a: " * 100_000,
    "question marks": "? " * 100_000,
    "nesting of a megabyte": "[" * MEGABYTE,
    "python tag": "seed: !!python/object/apply:os.mkdir [executed]\n" + MODEL,
    "python name": "seed: !!python/name:os.system\n" + MODEL,
    "python tag on a key": "!!python/object/apply:os.mkdir [executed]: 1\n" + MODEL,
    "local tag": "seed: !run 1\n" + MODEL,
    "binary tag": "name: !!binary R0lGODlh\n" + MODEL,
    "tags without end": flood("k{n}: !!int 1\n"),
    "integer of 5,000 digits": f"seed: {'9' * 5_000}\n" + MODEL,
    "integer of a million digits": f"seed: {'9' * MEGABYTE}\n" + MODEL,
    "hexadecimal of 5,000 digits": f"seed: 0x{'f' * 5_000}\n" + MODEL,
    "float of a million digits": f"clip_norm: 0.{'1' * MEGABYTE}\n" + MODEL,
    "invalid UTF-8": b"seed: 1\nname: \xc3\x28\n",
    "UTF-16": ("seed: 1\n" + MODEL).encode("utf-16"),
    "overlong UTF-8": b"name: \xc0\xaf\n",
    "half a surrogate pair": b"name: \xed\xa0\x80\n",
    "NUL": b"seed: 1\0\n",
    "escaped NUL": 'name: "\\0"\n' + MODEL,
    "escaped surrogates": 'name: "' + "\\ud800" * 1000 + '"\n' + MODEL,
    "NaN": "optimizer: {learning_rate: .nan}\n" + MODEL,
    "infinity": "clip_norm: .inf\n" + MODEL,
    "minus infinity": "clip_norm: -.INF\n" + MODEL,
    "infinite by its exponent": "clip_norm: 1e999\n" + MODEL,
    "NaN flood": flood("k{n}: .nan\n"),
    "unknown keys": flood("k{n}: 1\n"),
    "long unknown keys": flood("k" * 200 + "{n}: 1\n"),
    "unknown keys of a layer": "model: {layers: [{units: 10," + ",".join(f"k{n}: 1" for n in range(4_900)) + "}]}",
    "duplicate keys": MODEL + "seed: 1\n" * 4_000,
    "key of a megabyte": f"? {'k' * MEGABYTE}\n: 1\n" + MODEL,
    "name of a megabyte": f"name: {'n' * MEGABYTE}\n" + MODEL,
    "activation of a megabyte": layers(1, f"units: 10, activation: {'r' * MEGABYTE}"),
    "optimizer of a megabyte": MODEL + f"optimizer: {{name: {'a' * MEGABYTE}}}\n",
    "input of 900 kB": f"model: {{layers: [{{units: 3}}, {{units: 10, inputs: [{'n' * 900_000}]}}]}}\n",
    "many wrong layers": layers(2_400, "units: x"),
    "layers with many faults": layers(190, "units: x, activation: rellu, initializer: hee, a: 1, b: 1, c: 1, d: 1"),
    "layers that are numbers": "model: {layers: [" + "1," * 4_900 + "]}\n",
    "inputs that are one name": layers(1, "units: 5") + "x: [" + "a," * 4_900 + "]\n",
    "long lines of wrong inputs": layers(190, "units: 5, inputs: [" + "q" * 2_000 + "]"),
    "unclosed bracket": "seed: [" + "x," * 400_000,
    "unclosed quote": 'name: "' + "x" * MEGABYTE,
    "many documents": "---\n" * 200_000,
    "many directives": "%TAG ! tag:x:\n" * 60_000 + "---\n" + MODEL,
    "colons": "a:" * 400_000,
    "values without end": "seed: [" + "1," * 500_000 + "]\n",
    "empty": "",
    "comments alone": "# nothing\n" * 90_000,
    "tabs": "\t" * 100_000 + "a: 1",
    "more than a megabyte": "#" * (1 << 20) + "\n",
}
SHORT = {case: content for case, content in HOSTILE.items() if len(content) < 30_000}


OVERRIDES = [
    "seed=" + "9" * 5_000,
    "seed=&a 1",
    "seed=*a",
    "seed=!!python/name:os.system",
    "clip_norm=.nan",
    "seed=\0",
    "seed=" + "[" * 9_000,
    "model" + ".a" * 4_000 + "=1",
    "x" * 100_000 + "=1",
]


def test_refused_with_line_and_column(rounds, tmp_path):
    """Give every hostile file, one of a gigabyte that is not really there, and overrides to one process."""
    cases = SHORT if rounds.short else HOSTILE
    for number, content in enumerate(cases.values()):
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    (tmp_path / "fine.yaml").write_text(MODEL)
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(1 << 30)
    checked = [f"{number}.yaml" for number in range(len(cases))]
    commands = [*((name,) for name in ("huge.yaml", *checked)), *(("fine.yaml", "--set", each) for each in OVERRIDES)]
    answers = run_all([("config", "check", *command) for command in commands], tmp_path, timeout=300)
    huge, refused, overrides = answers[0], answers[1 : 1 + len(cases)], answers[1 + len(cases) :]
    assert huge.err == "error: huge.yaml: larger than 1 MiB; a configuration file usually has a few hundred bytes\n"
    for (case, content), answer in zip(cases.items(), refused, strict=True):
        assert (answer.code, answer.out) == (3, ""), (case, answer)
        lines = answer.err.splitlines()
        assert 1 <= len(lines) <= 51, case
        assert all(line.startswith("error: ") and len(line) < 1_000 for line in lines), (case, lines)
        if len(content) <= 1 << 20:
            assert re.match(r"error: \d+\.yaml:\d+:\d+: ", lines[0]), (case, lines[0])
    for override, answer in zip(OVERRIDES, overrides, strict=True):
        assert (answer.code, answer.out) == (3, ""), (override, answer)
        assert answer.err.startswith("error: --set "), (override, answer)
    rounds.count(len(answers))
    rounds.measured("slowest refusal", f"{max(answer.seconds for answer in answers):.2f} s")
    rounds.measured("memory", f"{max(answer.memory for answer in answers) / 1e6:.0f} MB")
    assert max(answer.memory for answer in answers) < 50e6
    assert not list(tmp_path.rglob("executed"))
