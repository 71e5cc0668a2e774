"""What Prometheus asks and judges by, and the runbook."""

import re

from .common import DEPLOY, ROOT, lint, loaded, same, there_is, tool, wrong


def prometheus(tools, service, _):
    rules, tests = loaded("prometheus/alerts.yml")[0], loaded("prometheus/alerts.test.yml")[0]
    lint(tools, DEPLOY / "prometheus/prometheus.yml")
    if there_is("promtool"):
        tool("promtool", "check", "config", DEPLOY / "prometheus/prometheus.yml")
        tool("promtool", "test", "rules", DEPLOY / "prometheus/alerts.test.yml")
    all_rules = [rule for group in rules["groups"] for rule in group["rules"]]
    recorded = {rule["record"] for rule in all_rules if "record" in rule}
    alerts = {rule["alert"]: rule for rule in all_rules if "alert" in rule}
    cases = [case for test in tests["tests"] for case in test["alert_rule_test"]]
    known = metrics()
    for name, alert in alerts.items():
        expected = [bool(case["exp_alerts"]) for case in cases if case["alertname"] == name]
        wrong(any(expected) and not all(expected), f"{name} is not tested both to be raised and to be silent")
        same(alert["annotations"].get("runbook_url"), f"https://runbook.example/docs/runbook.md#{name.lower()}", f"the runbook of {name}")
    for rule in all_rules:
        told_by_the_service(rule["expr"], known, recorded, rule.get("alert") or rule["record"])
    sections = set(re.findall(r"^##+ (.*)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE))
    wrong(set(alerts) <= sections, f"docs/runbook.md has no section for {sorted(set(alerts) - sections)}")
    gone = {name for name in sections if re.fullmatch(r"Pago[A-Z]\w+", name)} - set(alerts)
    wrong(not gone, f"docs/runbook.md speaks of alerts that are gone: {sorted(gone)}")
    messages_are_those_of_the_log()
    for part, alert in (("breaker", "PagoBreakerOpen"), ("cache", "PagoCacheErrors")):
        wrong(alert in alerts or not any(part in metric for metric in known), f"there are metrics of the {part} now: {alert} is missing")
    return f"promtool; {len(alerts)} alerts, each tested, told by metrics that there are, and in the runbook"


def messages_are_those_of_the_log():
    """The runbook shows records that the sources write: each message, up to its first colon, stands there."""
    sources = [path.read_text() for crate in ("standards-core", "standards-axum", "reference-pago-service") for path in (ROOT / crate / "src").rglob("*.rs")]
    records = re.findall(r'^\{"@timestamp".*$', (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    # The first of a record is its own, a later one its error's.
    messages = {told[1] for told in (re.search(r'"message":"([^":]+)[":]', record) for record in records) if told}
    # A failure's message begins with its kind, and goes on with the sentence of its row.
    unknown = {message for message in messages if not any(re.search(f'"{re.escape(message)}(?:"|: | {{)', source) for source in sources)}
    wrong(messages and not unknown, f"docs/runbook.md shows messages that nothing writes: {sorted(unknown)}")


def metrics():
    """The labels of every metric, as docs/metrics.md has them."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    found = {}
    for name, kind, labels in rows:
        names = set(re.findall(r"`(\w+)`", labels)) | {"job", "instance"}
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = names | {"le"} if suffix == "_bucket" else names
    return found


WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "le"}


def told_by_the_service(expression, known, recorded, where):
    """Every metric of an expression is one that there is, and every label that it asks for is that metric's."""
    selected = re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expression)
    plain = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring|group_left) *\([^)]*\)|\boffset +\w+', " ", expression)
    names = set(re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)(?![\w:]*\s*\()", plain)) - WORDS
    unknown = names - set(known) - recorded - {"up", "ALERTS"}
    wrong(not unknown, f"{where}: the service has no {sorted(unknown)}")
    for name, matchers in selected:
        labels = set(re.findall(r"(\w+) *(?:=~|!~|!=|=)", matchers))
        wrong(labels <= known.get(name, labels), f"{where}: {name} has no label {sorted(labels - known.get(name, labels))}")
