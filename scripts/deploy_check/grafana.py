"""The dashboard."""

import json, re, tempfile

from .common import DEPLOY, loaded, same, there_is, tool, wrong
from .prometheus import metrics, told_by_the_service
from .service import asked


def grafana(_, service, __):
    dashboard = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
    rules = loaded("prometheus/alerts.yml")[0]
    recorded = {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    panels, known, expressions = dashboard["panels"], metrics(), []
    same(len({panel["id"] for panel in panels}), len(panels), "the number of panels with an id of their own")
    for panel in panels:
        place = panel["gridPos"]
        wrong(place["x"] + place["w"] <= 24, f"{panel['title']} is wider than the page")
        for target in panel.get("targets", []):
            used = set(re.findall(r"\$\{?(\w+)", target["expr"])) - {"__rate_interval"}
            wrong(used <= variables, f"{panel['title']} uses {sorted(used - variables)}, which is no variable of the dashboard")
            same(target["datasource"]["uid"], "${datasource}", f"the source of {panel['title']}")
            expressions.append(target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*"))
            told_by_the_service(expressions[-1], known, recorded, panel["title"])
    if there_is("promtool"):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            wrapped = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions)]
            json.dump({"groups": [{"name": "panels", "rules": wrapped}]}, file)
            file.flush()
            tool("promtool", "check", "rules", file.name)
    names_of_a_page_are_those_of_the_list(service, known)
    return f"{len(panels)} panels, {len(expressions)} expressions that Prometheus reads (no Grafana was run)"


def names_of_a_page_are_those_of_the_list(service, known):
    with service.running() as (address, _):
        page = asked(address, "/metrics")[1]
    names = set(re.findall(r"^([a-z_]+)[ {]", page, re.MULTILINE))
    wrong(len(names) > 20 and names <= set(known), f"/metrics tells what docs/metrics.md does not: {sorted(names - set(known))}")
