"""One machine: compose.yaml."""

import re

from .common import AUTH, DEPLOY, PROGRAM, SECRETS, lint, loaded, patience, same, seconds, tool, wrong


def compose(tools, service, _):
    path = DEPLOY / "compose.yaml"
    tool(tools / "py/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)
    lint(tools, path, *(DEPLOY / "grafana/provisioning").rglob("*.yaml"))
    text, document = path.read_text(), loaded("compose.yaml")[0]
    pago = document["services"]["pagos"]
    references = re.findall(r"\$\{(\w+)([^}]*)\}", text)
    unknown = {name for name, _ in references} - service.variables - {"POSTGRES_PASSWORD"}
    wrong(not unknown, f"compose.yaml asks for variables that nobody knows: {sorted(unknown)}")
    wrong(all(rest.startswith(f":?{name}") for name, rest in references), "each ${NAME} refuses to be empty, and names itself: ${NAME:?NAME ..}")
    values = {name: value for name, value in pago["environment"].items() if value is not None}
    handed_on = set(pago["environment"]) - set(values)
    wrong(handed_on <= service.variables, f"compose.yaml hands on what is no variable of the service: {sorted(handed_on - service.variables)}")
    given = AUTH | SECRETS
    filled = {name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: given[found[1]], value) for name, value in values.items()}
    image_sets = {"APP_ENV": "production", "HOST": "0.0.0.0"}
    service.takes(filled | image_sets, "compose.yaml")
    # What the service comes to ask Redis by is handed on from the day that it is a setting.
    wrong(("REDIS_URL" in service.variables) == ("REDIS_URL" in pago["environment"]), "compose.yaml: REDIS_URL is a setting and not handed on, or the other way round")
    same(pago["ports"][0].split(":")[-1], service.defaults["PORT"], "the port of compose.yaml")
    same(pago["healthcheck"]["test"][:2], ["CMD", PROGRAM], "the health check of compose.yaml")
    service.has(pago["healthcheck"]["test"][2:], "compose.yaml")
    wrong(pago["read_only"] and pago["cap_drop"] == ["ALL"] and pago["user"] == "65532:65532", "compose.yaml gives the service rights that it does not need")
    wrong(seconds(pago["stop_grace_period"]) * 1000 > patience(service.defaults), "stop_grace_period is shorter than what the service may take")
    for name, part in document["services"].items():
        wrong(name == "grafana" or part.get("read_only"), f"compose.yaml: {name} can write to its root")
        published = [port for port in part.get("ports", []) if not port.startswith("127.0.0.1:")]
        wrong(not published, f"compose.yaml: {name} is published beyond this machine: {published}")
        mounted = [volume.split(":")[0] for volume in part.get("volumes", []) if volume.startswith("./")]
        missing = [source for source in mounted if not (DEPLOY / source).exists()]
        wrong(not missing, f"compose.yaml mounts what is not there: {missing}")
    return "compose-spec; variables, secrets, ports, commands and times are right (no Docker was run)"
